"""The processes of this host, as /proc shows them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

MOST = 1 << 20  # bytes of a file that are read
NAME = rb"([A-Za-z0-9._-]+)"  # as names of ours are made; what else stands there is nobody's
GONE = " (deleted)"  # at the end of a path that is there no more
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of linux/prctl.h


def with_children(main: int) -> list[int]:
    """Give a process and its children."""
    return [main, *(pid for pid in everyone() if _parent(pid) == main)]


def mentioning(place: str, users: Collection[int]) -> set[str]:
    """Give the names below `place` that processes of users run in, or have on a command line.

    Others' are not looked at: to read the command line of a stranger is to wait for the stranger.
    """
    found = re.compile(re.escape(os.fsencode(place)) + NAME)
    theirs = [pid for pid in everyone() if users_of(pid) & set(users)]
    return {name.decode("ascii") for pid in theirs for name in found.findall(_whereabouts(pid))}


def users_of(pid: int) -> set[int]:
    """Give the real and the effective user of a process; none of one that has ended."""
    return set(map(int, _status(pid).get(b"Uid", b"").split()[:2]))


def read(pid: int, name: str) -> bytes:
    """Read the beginning of one of its files in /proc; empty when it has ended (proc(5))."""
    try:
        with open("/proc/%d/%s" % (pid, name), "rb") as file:
            return file.read(MOST)
    except OSError:
        return b""


def stat(pid: int) -> list[str]:
    """Give the fields of its stat from the state on; empty when it has ended.

    What stands before is the process's own word: its name, with any bytes in it.
    """
    return read(pid, "stat").rpartition(b")")[2].decode("ascii", "replace").split()


def program(pid: int) -> str:
    """Give the path of the program that it runs, by the kernel; empty when it has ended."""
    try:
        path = os.readlink("/proc/%d/exe" % pid)
    except OSError:
        return ""
    return path[: -len(GONE)] if path.endswith(GONE) else path


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
    except OSError:  # it has ended
        return b""
    return directory + b"\0" + read(pid, "cmdline")


def everyone() -> list[int]:
    """Give all processes."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _parent(pid: int) -> int:
    fields = stat(pid)
    return int(fields[1]) if fields else 0


def _status(pid: int) -> dict[bytes, bytes]:
    """Give its status but for its name, which it gives itself."""
    fields: dict[bytes, bytes] = {}
    for line in read(pid, "status").split(b"\n")[1:]:
        name, _, value = line.partition(b":")
        fields.setdefault(name, value)
    return fields


def _runs_as(pid: int, user: int) -> bool:
    """Tell whether a process that still lives is the user's; zombies are their parent's matter."""
    fields = _status(pid)
    alive = fields.get(b"State", b"Z").split()[0] not in (b"Z", b"X")
    return alive and fields.get(b"Uid", b"").split()[:1] == [b"%d" % user]


def _is_of_this_host(pid: int) -> bool:
    """Tell a process of our process namespace, or below us, from one of a container."""
    try:
        if os.readlink("/proc/%d/ns/pid" % pid) == os.readlink("/proc/self/ns/pid"):
            return True
    except FileNotFoundError:
        return False
    while pid > 1:
        pid = _parent(pid)
        if pid == os.getpid():
            return True
    return False
