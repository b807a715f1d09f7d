"""A program's streams joined to the operator's, byte for byte.

Its input comes in frames that were asked for, some of them ahead, so that a slow link is filled; an
empty one is the end. Its output goes as it comes.
"""

from __future__ import annotations

import base64
import os
import selectors

from ..common.frames import STOP
from .errors import Gone

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess

    from .run import Run


CHUNK = 1 << 16  # bytes that are read at a time
AHEAD = 16  # frames of input that are asked for before they are needed
PAUSE = 0.2  # seconds between two looks whether the program has ended


class ByteStreams:
    """The streams of a process that runs; `flow` returns once it has ended or closed them."""

    def __init__(self, run: Run, process: subprocess.Popen[bytes]) -> None:
        self.run = run
        self.process = process
        self.source = run.wire.fileno()
        self.frames = b""  # what has come of them
        self.pending = b""  # what the program has not taken yet
        self.owed = AHEAD  # how many may be asked for
        self.ended = False
        self.open = selectors.DefaultSelector()

    def flow(self) -> None:
        """Pass everything on in both directions; raises Gone when the operator has gone."""
        with self.open:
            self.open.register(self.source, selectors.EVENT_READ, self._take)
            for name, pipe in (("out", self.process.stdout), ("err", self.process.stderr)):
                self.open.register(pipe, selectors.EVENT_READ, name)  # type: ignore[arg-type]
            os.set_blocking(self._input(), False)
            self._ask()
            while self._passed_on() or self.process.poll() is None:
                continue

    def _passed_on(self) -> bool:
        """Pass on what is there; false for nothing, or when all output has ended."""
        ready = self.open.select(PAUSE)
        for key, _ in ready:
            if isinstance(key.data, str):
                self._give(key.fd, key.data)
            else:
                key.data()
        outputs = [key for key in self.open.get_map().values() if isinstance(key.data, str)]
        return bool(ready and outputs)

    def _give(self, descriptor: int, stream: str) -> None:
        data = os.read(descriptor, CHUNK)
        if not data:
            self.open.unregister(descriptor)
            return
        text = base64.b64encode(data).decode("ascii")
        self.run.event("bytes", id=self.run.current, stream=stream, data=text)

    def _take(self) -> None:
        """Take what came of the operator's frames."""
        data = os.read(self.source, CHUNK)
        if not data:
            raise Gone("the operator has gone")
        self.frames += data
        while True:
            head, end, rest = self.frames.partition(b"\n")
            if not end or len(rest) < int(head):
                return
            body, self.frames = rest[: int(head)], rest[int(head) :]
            if body != STOP:
                self._feed(body)

    def _feed(self, body: bytes) -> None:
        self.ended = self.ended or not body
        self.owed += 1
        if body and not self.pending:
            self.open.register(self._input(), selectors.EVENT_WRITE, self._write)
        self.pending += body
        self._ask()

    def _write(self) -> None:
        """Write what fits; a program that wants no more gets no more."""
        try:
            written = os.write(self._input(), self.pending)
        except BrokenPipeError:
            written = len(self.pending)
        self.pending = self.pending[written:]
        if not self.pending:
            self.open.unregister(self._input())
            self._ask()

    def _ask(self) -> None:
        """Once the program has taken all, ask for more, or tell it that there is no more."""
        if self.pending:
            return
        if self.ended and self.process.stdin:
            self.process.stdin.close()
        while self.owed and not self.ended:
            self.run.event("want", id=self.run.current, name="stdin", value={})
            self.owed -= 1

    def _input(self) -> int:
        return self.process.stdin.fileno() if self.process.stdin else -1
