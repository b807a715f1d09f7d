"""TCP ports and who listens on them, from /proc."""

from __future__ import annotations

import os
import re

from ..common.text import one_line
from ..engine import procfs
from ..engine.errors import Failed
from ..engine.handler import Handler, handles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.handler import State


TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
LISTEN = "0A"  # include/net/tcp_states.h
# 127.0.0.0/8, also as IPv6 writes it, and ::1: 32-bit words in the machine's order
LOOPBACK = re.compile("^(0{16}F{4}0{4})?.{6}7F$|^0{24}01000000$")


@handles("port")
class Port(Handler):
    """A port that is free, or held by a process of the wanted name."""

    keys = ("number",)
    number: int
    owner: str

    def actual(self) -> State:
        """Look who listens; raises Failed, in a dry run too, for we cannot free it."""
        sockets = listening(self.number)
        mine = sum(1 for name, _ in holders(sockets, self.owner) if name == self.owner)
        if sockets and mine < len(sockets):
            others = [found for found in holders(sockets) if found[0] != self.owner]
            if others or not mine:
                raise self._taken(others[:1])
        return {"number": self.number}

    def fix(self, differing: list[str]) -> None:
        """Do nothing: `actual` has raised Failed where somebody else has the port."""

    def _taken(self, others: list[tuple[str, int]]) -> Failed:
        what = "port %d is taken, %s should have it" % (self.number, self.owner)
        if not others:
            return Failed(what, "the process that listens there is not visible, as in a container")
        return Failed(what, "%s (pid %d) listens on it" % others[0], next=way_out(others[0][1]))


def listening(port: int) -> set[str]:
    """Give the inodes of the sockets that listen on a port, whatever the address."""
    return {fields[9] for fields in _rows() if _is_listening(fields, port)}


def reachable() -> set[str]:
    """Give the inodes of the sockets that listen to other machines."""
    return {
        fields[9]
        for fields in _rows()
        if fields[3] == LISTEN and not LOOPBACK.search(fields[1].partition(":")[0])
    }


def holders(sockets: set[str], only: str = "") -> Iterator[tuple[str, int]]:
    """Give name and pid of a process for each socket that one holds; `only` looks at that name."""
    missing = {"socket:[%s]" % inode for inode in sockets}
    for pid in filter(str.isdigit, os.listdir("/proc") if missing else ()):
        name = comm(int(pid))
        if only and name != only:
            continue
        found = missing & set(_descriptors(pid))
        missing -= found
        for _ in found:
            yield name, int(pid)
        if not missing:
            return


def way_out(pid: int) -> str:
    """Say how a process that is in the way is ended: by its unit, where it has one."""
    groups = procfs.read(pid, "cgroup").decode("ascii", "replace")
    units = re.findall(r"/([\w.@:-]+\.(?:service|socket))$", groups, re.MULTILINE | re.ASCII)
    if units:
        return "sudo systemctl disable --now %s, then run the same command again" % units[0]
    return "end process %d, then run the same command again" % pid


def holder_in(line: str) -> str:
    """Make a sentence of a log line that says a port is in use; empty for any other line."""
    match = re.search(r".*:(\d{1,5})\D.*Address already in use", line)
    if not match:
        return ""
    number = int(match.group(1))
    found = next(holders(listening(number)), None)
    return "port %d is held by %s (pid %d)" % (number, *found) if found else "a port is in use"


def comm(pid: int) -> str:
    """Give the name that a process has given itself, as a line; empty when it has ended."""
    return one_line(procfs.read(pid, "comm").decode("utf-8", "replace").strip())


def _rows() -> Iterator[list[str]]:
    for table in TABLES:
        if os.path.exists(table):
            with open(table, encoding="ascii") as file:
                next(file)
                yield from (line.split() for line in file)


def _is_listening(fields: list[str], port: int) -> bool:
    return fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port


def _descriptors(pid: str) -> Iterator[str]:
    place = "/proc/%s/fd" % pid
    try:
        for name in os.listdir(place):
            yield os.readlink(os.path.join(place, name))
    except OSError:  # ended meanwhile, or not ours to look at
        return
