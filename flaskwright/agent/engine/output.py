"""What came of a program, and what it has said, in whole lines."""

from __future__ import annotations

import signal
from collections import deque

from ..common.line_buffer import LineBuffer
from ..common.text import clean, cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Tuple

    Place = Tuple[str, int]  # address and port


KEPT_LINES = 10_000  # the last ones
LONGEST = 1 << 14  # bytes of a line


class Output:
    """What came of a program; `lines` holds both streams as they arrived."""

    def __init__(self, name: str, status: int, out: str, err: str, lines: list[str]) -> None:
        self.name = name
        self.status = status
        self.out = out
        self.err = err
        self.lines = lines
        self.data = b""  # `out` as it came
        self.stuck: list[Place] = []  # where nothing came from while it waited

    @property
    def ending(self) -> str:
        """How the program has ended: `exit status 1`, `ended by SIGKILL`."""
        if self.status >= 0:
            return "exit status %d" % self.status
        return "ended by %s" % signal.Signals(-self.status).name

    def tail(self, count: int = 15) -> list[str]:
        """Give the last lines that say something."""
        return [line for line in self.lines if line.strip()][-count:]


class Lines:
    """Whole lines of two streams in the order of their ends; a carriage return ends one too."""

    def __init__(self, on_line: Callable[[str], None] | None) -> None:
        self.on_line = on_line
        self.done: deque[bytes] = deque(maxlen=KEPT_LINES)
        self.buffers = {name: LineBuffer(LONGEST, cuts=True) for name in ("out", "err")}

    def add(self, stream: str, data: bytes) -> None:
        """Take what was read; an incomplete line waits for its end."""
        self._take(self.buffers[stream].add(data.replace(b"\r", b"\n")))

    def finish(self) -> list[str]:
        """Give all lines, the last ones without an end too."""
        for buffer in self.buffers.values():
            self._take([buffer.rest()])
        return list(filter(None, map(_shown, self.done)))

    def last(self, count: int) -> list[str]:
        """Give the last whole lines, while more may come."""
        return list(filter(None, map(_shown, list(self.done)[-count:])))

    def _take(self, said: list[bytes]) -> None:
        self.done.extend(filter(None, said))
        if self.on_line:
            for line in filter(None, map(_shown, said)):
                self.on_line(line)


def _shown(said: bytes) -> str:
    return cut(clean(said.decode("utf-8", "replace")).rstrip())
