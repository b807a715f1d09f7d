"""What dpkg has installed, and who holds its locks."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import time

from ..engine.errors import Failed
from .ports import comm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.run import Run


LOCKS = (
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/lock",
    "/var/lib/apt/lists/lock",
    "/var/cache/apt/archives/lock",
)

LIMIT = 600.0  # seconds; unattended upgrades of a Pi take minutes

PAUSE = 1.0

_FLOCK = "hhqqi4x"  # struct flock with 64-bit offsets: type, whence, start, length, pid


STATUS = "/var/lib/dpkg/status"

_INSTALLED = re.compile(rb"\nStatus: (?:install|hold) ok installed\n")

_HELD = re.compile(rb"\nPackage: (\S+)\nStatus: hold ok installed\n")


def wait(run: Run) -> None:
    """Wait until nobody holds the locks; Failed after ten minutes, naming the holder."""
    with run.waits(_told):
        _wait(run)


def _told() -> str:
    return "waits for apt, held by %s" % (comm(first_holder() or 0) or "another process")


def _wait(run: Run) -> None:
    started, said = time.monotonic(), ""
    holder = first_holder()
    while holder is not None:
        name = "%s (pid %d)" % (comm(holder) or "another process", holder)
        if time.monotonic() - started > LIMIT:
            why = "%s holds apt's lock since more than %d minutes" % (name, LIMIT // 60)
            raise Failed("apt is not free", why, next="let it end, then run the same again")
        if name != said:
            run.notice("waiting for apt, held by " + name)
            said = name
        run.pause(PAUSE)
        holder = first_holder()


def first_holder() -> int | None:
    """Give the process that holds one of the locks (0: in another container); None: free."""
    for path in LOCKS:
        holder = _holder(path)
        if holder is not None:
            return holder
    return None


def _holder(path: str) -> int | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        answer = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    finally:
        os.close(descriptor)
    return None if answer[0] == fcntl.F_UNLCK else max(int(answer[4]), 0)


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
