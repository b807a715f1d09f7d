"""The processes of this host, as /proc shows them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal

from . import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

PARENT, STARTED = 1, 19  # places in /proc/PID/stat after the name (proc(5))
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of linux/prctl.h


def oldest(pids: Iterable[int]) -> int:
    """Give the process that started first; 0 where there is none."""
    started = {(_number(pid, STARTED), pid) for pid in pids}
    return min((each for each in started if each[0]), default=(0, 0))[1]


def parent(pid: int) -> int:
    """Give the parent of a process; 0 when it has ended."""
    return _number(pid, PARENT)


def mentioning(place: str) -> set[str]:
    """Give the names below `place` that a process runs in, or has on its command line."""
    found = re.compile(re.escape(place.encode()) + rb"([^/\0]+)")
    return {name.decode() for pid in everyone() for name in found.findall(_whereabouts(pid))}


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none is lost."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)


def end_processes(user: int) -> None:
    """Kill all processes of a user until none is left; never those of whoever runs this.

    A container's users may have the same numbers: there, only what descends from us is ended.
    """
    if user == os.geteuid():
        return
    while True:
        running = [pid for pid in everyone() if _runs_as(pid, user) and _is_of_this_host(pid)]
        if not running:
            return
        for pid in running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _whereabouts(pid: int) -> bytes:
    try:
        directory = os.fsencode(os.readlink("/proc/%d/cwd" % pid))
        return directory + b"\0" + (disk.read("/proc/%d/cmdline" % pid) or b"")
    except OSError:  # it has ended
        return b""


def everyone() -> list[int]:
    """Give all processes."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _number(pid: int, place: int) -> int:
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return int(fields[place]) if fields else 0


def _read(pid: int, name: str) -> bytes:
    """Read one of its files; empty when it has ended, also between open and read (proc(5))."""
    try:
        return disk.read("/proc/%d/%s" % (pid, name)) or b""
    except ProcessLookupError:
        return b""


def _runs_as(pid: int, user: int) -> bool:
    """Tell whether a process that still lives is the user's; zombies are their parent's matter."""
    status = _read(pid, "status")
    fields = dict(line.split(b":", 1) for line in status.splitlines() if b":" in line)
    alive = fields.get(b"State", b"Z").split()[0] not in (b"Z", b"X")
    return alive and fields[b"Uid"].split()[0] == str(user).encode()


def _is_of_this_host(pid: int) -> bool:
    """Tell a process of our process namespace, or below us, from one of a container."""
    try:
        if os.readlink("/proc/%d/ns/pid" % pid) == os.readlink("/proc/self/ns/pid"):
            return True
    except FileNotFoundError:
        return False
    while pid > 1:
        pid = parent(pid)
        if pid == os.getpid():
            return True
    return False
