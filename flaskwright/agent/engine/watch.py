"""A program that runs, watched to its end: what it says, what it waits for, how long it may."""

from __future__ import annotations

import contextlib
import math
import os
import selectors
import signal
import subprocess
import time

from . import activity, cgroups
from .errors import Failed, Stopped
from .output import Lines, Output
from .traffic import Traffic, session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypedDict

    class How(TypedDict, total=False):
        """How a program is run: `env` is added to a small environment, `timeout` is in seconds.

        `descriptors` stay open in it. `tail`: only its last lines matter, however much it says.
        `silence`: the seconds that it may hear nothing from the network. `urls`: what it may talk
        to, as far as is known. `unit`: the unit of systemd that it runs in. `name`: what it is
        called. `is_over`: asked now and then whether it is to be ended before it is done.
        """

        user: str | None
        env: dict[str, str] | None
        cwd: str | None
        input: bytes | None
        timeout: float | None
        descriptors: tuple[int, ...]
        tail: bool
        silence: float
        urls: Sequence[str]
        unit: str
        name: str
        is_over: Callable[[], bool]


GRACE = 5.0  # seconds between SIGTERM and SIGKILL
MOST = 32 << 20  # bytes of what a program may say, be it a stranger's that we only ask
WHY = "what it asked for did not come; the server may be down, or something on the way to it"
NEXT = "check the host's network, and run the same command again"
LOOK = 2.0  # seconds between two looks at its connections


class Silent(Failed):
    """A program that has heard nothing from the network for too long; `traffic` was its."""

    def __init__(self, what: str, traffic: Traffic, log: Iterable[str]) -> None:
        super().__init__(what, WHY, log, NEXT)
        self.traffic = traffic


class Watch:
    """Reads both streams of a process while it runs and feeds its input."""

    def __init__(self, process: subprocess.Popen[bytes], lines: Lines, how: How) -> None:
        self.process = process
        self.how = how
        self.given = memoryview(how.get("input") or b"")
        self.lines = lines
        self.limit = how.get("timeout")
        self.tail = how.get("tail", False)
        self.is_over = how.get("is_over", bool)
        self.started = self.looked = time.monotonic()
        self.traffic = Traffic(self._processes)
        self.read: dict[str, list[bytes]] = {"out": [], "err": []}
        self.size = 0

    def finish(self, name: str) -> Output:
        """Wait for the end of the process; a child that it leaves behind is not waited for."""
        try:
            self._read_all()
            self._wait()
        except TimeoutError:
            ended(self.process)
            what = "%s took longer than %d s and was ended" % (name, self.limit or 0)
            raise Failed(what, log=self.lines.finish()[-15:]) from None
        except OverflowError:
            ended(self.process)
            what = "%s said more than %d MiB and was ended" % (name, MOST >> 20)
            raise Failed(what, log=self.lines.finish()[-15:]) from None
        except BaseException:  # a stop does not wait for it
            ended(self.process)
            raise
        data = b"".join(self.read["out"])
        out, err = (each.decode("utf-8", "replace") for each in (data, b"".join(self.read["err"])))
        output = Output(name, self.process.returncode, out, err, self.lines.finish())
        output.data = data
        output.stuck = list(self.traffic.stuck)
        return output

    def doing(self) -> str:
        """Say what the program is at; may be asked by another thread."""
        lines = self.lines.last(activity.LINES)
        return activity.of(self.how["name"], lines, self.traffic, self.how.get("urls", ()))

    def _processes(self) -> Iterable[int]:
        unit = self.how.get("unit")
        return cgroups.processes_in(unit) if unit else session(self.process.pid)

    def _read_all(self) -> None:
        with selectors.DefaultSelector() as streams:
            self._register(streams)
            ended = False
            while streams.get_map() and not ended:
                ended = self.process.poll() is not None  # then a look has all that was its own
                for key, _ in streams.select(0.2):
                    self._serve(streams, key)
                self._mind_the_time()

    def _wait(self) -> None:
        while self.process.poll() is None:
            self._mind_the_time()
            try:
                self.process.wait(0.2)
            except subprocess.TimeoutExpired:
                continue

    def _register(self, streams: selectors.BaseSelector) -> None:
        for name, stream in (("out", self.process.stdout), ("err", self.process.stderr)):
            if stream is not None:
                streams.register(stream, selectors.EVENT_READ, name)
        if self.process.stdin is not None:
            os.set_blocking(self.process.stdin.fileno(), False)
            streams.register(self.process.stdin, selectors.EVENT_WRITE, "in")

    def _serve(self, streams: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        if key.data == "in":
            more = self._feed(key.fd)
        else:
            data = os.read(key.fd, 65536)
            self._keep(key.data, data)
            self.lines.add(key.data, data)
            more = bool(data)
        if not more:
            streams.unregister(key.fileobj)
            if key.data == "in" and self.process.stdin is not None:
                self.process.stdin.close()

    def _keep(self, stream: str, data: bytes) -> None:
        self.size += len(data)
        if self.size <= MOST:
            self.read[stream].append(data)
        elif not self.tail:
            raise OverflowError

    def _feed(self, descriptor: int) -> bool:
        try:
            self.given = self.given[os.write(descriptor, self.given[:65536]) :]
        except BrokenPipeError:
            return False
        return bool(self.given)

    def _mind_the_time(self) -> None:
        now = time.monotonic()
        if self.limit is not None and now - self.started > self.limit:
            raise TimeoutError
        if self.is_over():
            raise Stopped("%s was ended" % self.how["name"], "what it was for has failed")
        if now - self.looked > LOOK:
            self.looked = now
            self.traffic.look()
            if self.traffic.waits and self.traffic.silent > self.how.get("silence", math.inf):
                raise self._silent()

    def _silent(self) -> Silent:
        waits, urls = self.traffic.waits[-1:], self.how.get("urls", ())
        where = "".join(
            activity.shown(one.address, one.port, activity.hosts(urls)) for one in waits
        )
        what = "%s has heard nothing from %s for %d s, and was ended"
        what %= (self.how["name"], where or "the network", self.traffic.silent)
        return Silent(what, self.traffic, self.lines.last(15))


def ended(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it has started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, sign)
            process.wait(GRACE)
