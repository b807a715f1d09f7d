"""The output of programs on its way to the operator, line by line as it comes."""

from __future__ import annotations

import codecs
import os
import selectors

from ..common.line_buffer import LineBuffer
from .errors import Gone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from .run import Run

    Take = Callable[[str], None]  # whole lines, each with its end


CHUNK = 1 << 16  # bytes that are read at a time; a longer line is passed on in pieces
PAUSE = 0.2  # seconds between two looks whether anybody still listens


class Streams:
    """Pipes that are read at a time, until all have ended or the operator has gone."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.pipes = selectors.DefaultSelector()

    def add(self, pipe: IO[bytes] | None, take: Take, longest: int = CHUNK) -> None:
        """Have the lines of a pipe given to `take`; those that are longer in pieces, in bytes."""
        lines = _Lines(take, longest)
        self.pipes.register(pipe, selectors.EVENT_READ, lines)  # type: ignore[arg-type]

    def flow(self, ended: Callable[[], bool]) -> None:
        """Read until the end of all pipes, or until they are silent and it has `ended`.

        Raises Gone when nobody listens any more.
        """
        with self.pipes:
            while self.pipes.get_map():
                ready = self.pipes.select(PAUSE)
                for key, _ in ready:
                    if not key.data.add(os.read(key.fd, CHUNK)):
                        self.pipes.unregister(key.fileobj)
                if self.run.wire.gone():
                    raise Gone("the operator has gone")
                if not ready and ended():
                    return


class _Lines:
    def __init__(self, take: Take, longest: int) -> None:
        self.take = take
        self.longest = longest
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.parts: list[str] = []
        self.size = 0

    def add(self, data: bytes) -> bool:
        """Pass whole lines on; at the end of the pipe what is left, and False."""
        whole, end, rest = self.decoder.decode(data, final=not data).rpartition("\n")
        if end:
            self.parts.append(whole + end)
            self._pass_on()
        self.parts.append(rest)
        self.size += len(data)
        if not data or self.size > self.longest:
            self._pass_on()
        return bool(data)

    def _pass_on(self) -> None:
        text = "".join(self.parts)
        self.parts, self.size = [], 0
        if text:
            self.take(text)


def lines_of(pipe: IO[bytes] | None, longest: int) -> Iterator[bytes]:
    """Yield the lines of a pipe as they come, each cut at `longest` bytes."""
    buffer = LineBuffer(longest, cuts=True)
    for data in iter(lambda: os.read(pipe.fileno(), CHUNK), b"") if pipe else ():
        for line in buffer.add(data):
            yield line
