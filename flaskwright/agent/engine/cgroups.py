"""The control groups of systemd's units: which processes are in one, and the end of all of them.

What is in a unit's group the kernel says, whatever the processes have told systemd. It works where
systemd keeps units in cgroup v2, in v1, or in both (hybrid).
"""

from __future__ import annotations

import contextlib
import os
import signal
import time

from .errors import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


MOUNT = "/sys/fs/cgroup"
PROC = "/proc"
KILL = "cgroup.kill"  # Linux 5.14
FREEZE = "cgroup.freeze"  # Linux 5.2
PAUSE = 0.01  # seconds between two looks
LEFT = "only a reboot ends what waits for a disk or for a network file system that is gone"


def processes_in(unit: str) -> set[int]:
    """Give the processes of a unit of the system, in groups below its own too; none: it has ended.

    A unit of the same name of a user's own manager, or of a container, is not meant.
    """
    return {pid for group in _groups(unit) for pid in _members(group)}


def kill(unit: str, seconds: float) -> None:
    """End every process of a unit by SIGKILL, also those that it starts meanwhile.

    Tell systemd to stop the unit first: it would start again what it has to keep running. Raises
    Failed when some are left after `seconds`.
    """
    groups, deadline = _groups(unit), time.monotonic() + seconds
    if not processes_in(unit):
        return
    with contextlib.ExitStack() as held:
        for group in groups:
            held.enter_context(_without_forks(group))
        while _end(groups):
            if time.monotonic() > deadline:
                raise _unending(unit, seconds)
            time.sleep(PAUSE)


def _end(groups: list[str]) -> set[int]:
    """Send SIGKILL to all in the groups; gives who is in them still."""
    for group in groups:
        if not _write(os.path.join(group, KILL), "1"):
            for pid in _members(group):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
    return {pid for group in groups for pid in _members(group)}


@contextlib.contextmanager
def _without_forks(group: str) -> Iterator[None]:
    """Let nothing in a group start another process, where the kernel cannot end all at once.

    Older ones freeze it, and the oldest only refuse it more processes. The unit's next start may
    use the group again, so both are set back.
    """
    if os.path.exists(os.path.join(group, KILL)):
        yield
        return
    freeze, most = os.path.join(group, FREEZE), _counter(group)
    before = _read(most) or "max"
    _write(freeze, "1")
    _write(most, "0")
    try:
        yield
    finally:
        _write(most, before)
        _write(freeze, "0")


def _counter(group: str) -> str:
    """Give the file that bounds a group's processes: its own in v2, in v1 that of its namesake."""
    own = os.path.join(group, "pids.max")
    below = os.path.relpath(group, os.path.join(MOUNT, "systemd"))
    return own if os.path.exists(own) else os.path.join(MOUNT, "pids", below, "pids.max")


def _groups(unit: str) -> list[str]:
    """Give the directories of a unit's group, one in each hierarchy that systemd keeps units in."""
    return [found for tree in _trees() for found in _named(unit, tree)]


def _trees() -> Iterator[str]:
    """Give the directories below which systemd, process 1, keeps its units."""
    if os.path.exists(os.path.join(MOUNT, "cgroup.procs")):
        places = {"": MOUNT}
    else:
        places = {"": MOUNT + "/unified", "name=systemd": MOUNT + "/systemd"}
    for line in _read(os.path.join(PROC, "1", "cgroup")).split("\n"):
        _, kind, path = (line + "::").split(":", 2)
        if kind in places:
            tree = places[kind] + path.rstrip(":").partition("/init.scope")[0].rstrip("/")
            yield tree if os.path.isdir(tree) else places[kind]


def _named(unit: str, tree: str) -> Iterator[str]:
    """Look for a unit in the tree's slices, and in nothing else: there others may make groups.

    systemd puts `_` before a name that the kernel might take for one of its own files.
    """
    for name in (unit, "_" + unit):
        if os.path.isdir(os.path.join(tree, name)):
            yield os.path.join(tree, name)
    with contextlib.suppress(OSError):
        for name in os.listdir(tree):
            if name.endswith(".slice"):
                yield from _named(unit, os.path.join(tree, name))


def _members(group: str) -> set[int]:
    """Give the processes of a group and those below it; 0 stands for one that we cannot see."""
    places = [place for place, _, _ in os.walk(group)]
    listed = " ".join(_read(os.path.join(place, "cgroup.procs")) for place in places)
    return {int(pid) for pid in listed.split()} - {0}


def _unending(unit: str, seconds: float) -> Failed:
    left = sorted(processes_in(unit))
    told = ", ".join("%d (%s)" % (pid, _state(pid)) for pid in left[:5])
    what = "%d processes of %s do not end" % (len(left), unit)
    why = "they were killed %.0f s ago, and the kernel still has %s" % (seconds, told)
    return Failed(what, why, next=LEFT)


def _state(pid: int) -> str:
    """Give the state of a process as ps does: D waits for a disk, Z for its parent (proc(5))."""
    fields = _read(os.path.join(PROC, str(pid), "stat")).rpartition(")")[2].split()
    return "state " + fields[0] if fields else "ended"


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read().strip()
    except OSError:  # the group, or the process, is gone
        return ""


def _write(path: str, text: str) -> bool:
    """Write a file of the kernel's; gives whether it is there and took it."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)  # never makes it
    except OSError:
        return False
    try:
        return os.write(descriptor, text.encode("ascii")) > 0
    except OSError:
        return False
    finally:
        os.close(descriptor)
