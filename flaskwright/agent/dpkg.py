"""Which packages are installed: dpkg's own file, read once per run."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .run import Run

STATUS = "/var/lib/dpkg/status"


def installed(run: Run, name: str) -> bool:
    """Tell whether a package is installed and configured, of whatever architecture."""
    if "dpkg" not in run.cache:
        run.cache["dpkg"] = _read()
    status: bytes = run.cache["dpkg"]
    head = b"\n\nPackage: %s\n" % name.encode("ascii", "replace")
    start = status.find(head)
    while start >= 0:
        end = status.find(b"\n\n", start + 2)
        if b"\nStatus: install ok installed\n" in status[start:end] + b"\n":
            return True
        start = status.find(head, end)
    return False


def forget(run: Run) -> None:
    """Read anew the next time: apt or dpkg was at work."""
    run.cache.pop("dpkg", None)


def _read() -> bytes:
    if not os.path.exists(STATUS):
        return b""
    with open(STATUS, "rb") as file:
        return b"\n\n" + file.read() + b"\n\n"
