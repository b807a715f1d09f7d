"""The processes of this host, as /proc shows them."""

from __future__ import annotations

import contextlib
import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


MOST = 1 << 20  # bytes of a file that are read
NAME = rb"([A-Za-z0-9._-]+)"  # as names of ours are made; what else stands there is nobody's
GONE = " (deleted)"  # at the end of a path that is there no more
SOCKET = "socket:["  # how the link of a socket among a process's files begins
PARENT, STARTED = 1, 19  # places in what `stat` gives (proc(5))


def oldest(pids: Iterable[int]) -> int:
    """Give the process that started first; 0 where there is none."""
    started = {(_number(pid, STARTED), pid) for pid in pids}
    return min((each for each in started if each[0]), default=(0, 0))[1]


def parent(pid: int) -> int:
    """Give the parent of a process; 0 when it has ended."""
    return _number(pid, PARENT)


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


def sockets(pid: int) -> set[str]:
    """Give the inodes of the sockets among its files; none when it has ended."""
    place, found = "/proc/%d/fd" % pid, set()
    with contextlib.suppress(OSError):  # it has ended
        for name in os.listdir(place):
            with contextlib.suppress(OSError):  # it has closed this one
                found.add(os.readlink(os.path.join(place, name)))
    return {target[len(SOCKET) : -1] for target in found if target.startswith(SOCKET)}


def _whereabouts(pid: int) -> bytes:
    try:
        directory = os.fsencode(os.readlink("/proc/%d/cwd" % pid))
    except OSError:  # it has ended
        return b""
    return directory + b"\0" + read(pid, "cmdline")


def everyone() -> list[int]:
    """Give the ids of all processes in /proc."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _number(pid: int, place: int) -> int:
    fields = stat(pid)
    return int(fields[place]) if fields else 0


def _status(pid: int) -> dict[bytes, bytes]:
    """Give its status but for its name, which it gives itself."""
    fields: dict[bytes, bytes] = {}
    for line in read(pid, "status").split(b"\n")[1:]:
        name, _, value = line.partition(b":")
        fields.setdefault(name, value)
    return fields
