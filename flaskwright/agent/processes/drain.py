"""What processes that are to end still answer: their open connections, counted while that lasts.

nginx keeps no connection to an app open for later, so each is a request, or a WebSocket. Whose it
is the kernel says: the app's address in /proc/net/unix (proc(5)), and the socket among a process's
files. What is open when its process ends after `drain` seconds was cut.
"""

from __future__ import annotations

import threading
import time

from ..common import text
from ..engine import procfs
from ..engine.cgroups import processes_in
from ..system import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..engine.run import Run


SOCKETS = "/proc/net/unix"
STATE, INODE, PATH = 5, 6, 7  # places in a line of it
MOST = 1 << 20  # lines of it
CONNECTED = "03"
PAUSE = 0.2  # seconds between two looks
EARLY = 0.1  # seconds before `drain` is over in which what ends counts as cut by it
AFTER = 1.0  # seconds that a process takes to end once it has closed what it cuts
TOLD = 0.5  # seconds of waiting below which nobody wants to read of it


class Drain:
    """Counts, from within a `with`, until it is left, and then has the run tell what came.

    slots: units whose processes are to end. began: when they were told so (monotonic). drain:
    seconds that they have for what they answer.
    """

    def __init__(
        self, run: Run, address: str, slots: list[str], began: float, drain: float
    ) -> None:
        self.run, self.address, self.slots = run, address, slots
        self.began, self.drain = began, drain
        self.requests = self.cut = 0
        self._after = 0.0
        self._open: dict[str, int] = {}
        self._late: list[tuple[int, float]] = []  # processes whose connection ended, and when
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._count, daemon=True)

    def __enter__(self) -> Drain:
        self._entered = time.monotonic()
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._thread.join()
        self._look()
        self._note(time.monotonic() - self._entered)

    def words(self) -> str:
        """Say how many requests the old processes still answer, and for how long at most."""
        if not self._open:
            return "waits for the old processes to end"
        left = "waits for %s that the old processes answer, at most %d s"
        return left % (_requests(len(self._open)), self.drain)

    def _count(self) -> None:
        told = 0
        while not self._over.wait(PAUSE):
            self._look()
            if len(self._open) not in (0, told):
                told = len(self._open)
                self.run.progress(self.words(), always=True)

    def _look(self) -> None:
        """Take in what is open now; what is not any more has ended with its process, or before."""
        alive = {pid for slot in self.slots for pid in processes_in(slot)}
        found = connections(self.address, alive)
        elapsed = time.monotonic() - self.began
        ended = [(pid, elapsed) for inode, pid in self._open.items() if inode not in found]
        if elapsed >= self.drain - EARLY:
            self._late += ended
        self.requests += len(found.keys() - self._open.keys())
        self._open = found
        self._judge(alive, elapsed)

    def _judge(self, alive: set[int], elapsed: float) -> None:
        """Of what ended late, count what took its process with it; the others were answered."""
        cut = [when for pid, when in self._late if pid not in alive]
        if cut:
            self.cut, self._after = self.cut + len(cut), cut[-1]
        self._late = [
            (pid, when) for pid, when in self._late if pid in alive and elapsed - when < AFTER
        ]

    def _note(self, seconds: float) -> None:
        figures = {"seconds": round(seconds, 1), "requests": self.requests, "cut": self.cut}
        self.run.about.drain = figures
        if self.cut or (self.requests and seconds >= TOLD):
            said = "waited %.0f s for %s" % (seconds, _requests(self.requests))
            self.run.about.drained = said + self._lost()

    def _lost(self) -> str:
        if not self.cut:
            return ""
        verb = "was" if self.cut == 1 else "were"
        return "; %d %s cut after %.0f s (`drain`)" % (self.cut, verb, self._after)


def connections(address: str, pids: Iterable[int]) -> dict[str, int]:
    """Give the connections at an address that processes have, each with the last one that has it.

    A connection is named by the inode of its socket.
    """
    at = _at(address)
    return {inode: pid for pid in pids for inode in procfs.sockets(pid) & at} if at else {}


def _at(address: str) -> set[str]:
    try:
        said = disk.read(SOCKETS) or b""
    except OSError:  # no deploy fails for want of a count
        return set()
    fields = [line.split(None, PATH) for line in text.lines(said, most=MOST)]
    # a path may hold a newline, and what is behind it is no line of the kernel's
    whole = [one for one in fields if one[PATH:] == [address]]
    return {one[INODE] for one in whole if one[STATE] == CONNECTED}


def _requests(count: int) -> str:
    return "1 request" if count == 1 else "%d requests" % count
