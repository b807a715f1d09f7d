"""What a program that talks to a network waits for: bytes from another machine, or its own work.

A program is silent while it has a connection on which nothing arrives, and does nothing itself.
What waits for a child, as pip does while something is compiled, does not wait for its connections.
"""

from __future__ import annotations

import os
import time

from . import procfs, tcp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Dict, List

    from .tcp import Connection

    Stats = Dict[int, List[str]]


STATE, PARENT, SESSION, TIMES = 0, 1, 3, slice(11, 15)  # places in what `stat` gives (proc(5))
TICK = os.sysconf("SC_CLK_TCK")
BUSY = 0.02  # of a processor: whoever takes more is at work
IDLE = 10.0  # seconds without a connection, after which a program does something else
SHORT = 4.0  # seconds that an answer takes as a rule


class Traffic:
    """Of the processes that `pids` gives, looked at every now and then.

    silent: seconds without a byte. stuck: where nothing came from, by address and port, in the
    order in which that was seen.
    """

    def __init__(self, pids: Callable[[], Iterable[int]]) -> None:
        self.silent = 0.0
        self.received = 0
        self.waits: list[Connection] = []
        self.stuck: dict[tuple[str, int], None] = {}
        self._pids = pids
        self._looked = self._connected = time.monotonic()
        self._worked = 0.0
        self._came: dict[int, int] = {}

    def look(self) -> None:
        """Look at sockets and processes; counts in `silent` the seconds without a byte."""
        now, stats = time.monotonic(), {pid: procfs.stat(pid) for pid in self._pids()}
        passed, self._looked = now - self._looked, now
        busy = self._works(stats) > BUSY * passed or _waits_for_disk(stats)
        self.waits = tcp.connections(_without_children(stats))
        came = self._has_come()
        if self.waits:
            self._connected = now
        if came or now - self._connected > IDLE:
            self.silent = 0.0
        elif self.waits and not busy:
            self.silent += passed
        if self.silent > SHORT:
            self.stuck.update(((one.address, one.port), None) for one in self.waits)

    def _works(self, stats: Stats) -> float:
        """Give the seconds that the processes have worked since the last look."""
        before = self._worked
        self._worked = sum(sum(map(int, each[TIMES])) for each in stats.values()) / TICK
        return self._worked - before

    def _has_come(self) -> bool:
        before, self._came = self._came, {one.inode: one.received for one in self.waits}
        more = sum(max(0, size - before.get(inode, 0)) for inode, size in self._came.items())
        self.received += more
        return more > 0


def session(leader: int) -> list[int]:
    """Give the processes of the session that one leads."""
    stats = ((pid, procfs.stat(pid)) for pid in procfs.everyone())
    return [pid for pid, fields in stats if fields[SESSION : SESSION + 1] == [str(leader)]]


def _waits_for_disk(stats: Stats) -> bool:
    return any(fields and fields[STATE] == "D" for fields in stats.values())


def _without_children(stats: Stats) -> list[int]:
    """Give the processes that wait for no other one; git's wait for the network together."""
    parents = {
        int(fields[PARENT])
        for pid, fields in stats.items()
        if fields and not os.path.basename(procfs.program(pid)).startswith("git")
    }
    return [pid for pid in stats if pid not in parents]
