"""Which packages are installed: dpkg's own file, read once per run."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .run import Run

STATUS = "/var/lib/dpkg/status"
_INSTALLED = re.compile(rb"\nStatus: (?:install|hold) ok installed\n")
_HELD = re.compile(rb"\nPackage: (\S+)\nStatus: hold ok installed\n")


def installed(run: Run, name: str) -> bool:
    """Tell whether a package is installed and configured, of whatever architecture."""
    status = _status(run)
    head = b"\n\nPackage: %s\n" % name.encode("ascii", "replace")
    start = status.find(head)
    while start >= 0:
        end = status.find(b"\n\n", start + 2)
        if _INSTALLED.search(status[start:end] + b"\n"):
            return True
        start = status.find(head, end)
    return False


def held(run: Run) -> list[str]:
    """Give the packages that somebody has put on hold (apt-mark hold)."""
    return sorted({name.decode("ascii") for name in _HELD.findall(_status(run))})


def forget(run: Run) -> None:
    """Read anew the next time: apt or dpkg was at work."""
    run.cache.pop("dpkg", None)


def _status(run: Run) -> bytes:
    if "dpkg" not in run.cache:
        run.cache["dpkg"] = _read()
    status: bytes = run.cache["dpkg"]
    return status


def _read() -> bytes:
    if not os.path.exists(STATUS):
        return b""
    with open(STATUS, "rb") as file:
        return b"\n\n" + file.read() + b"\n\n"
