"""The one line of a terminal that moves: what is at work, with a clock, below all that stays."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from .redaction import printable
from .width import columns_of, fit, room_on

UP, ERASE = "\033[A", "\r\033[J"  # ECMA-48: a line up; from here to the end of the screen


class LiveLine:
    """A line on a terminal that is drawn over; what is printed meanwhile stands above it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = self._shown = ""

    def draw(self, text: str, *, shown: bool = True) -> None:
        """Show another text in its place; empty: no line."""
        self._text = text
        if shown:
            self.show()

    def show(self) -> None:
        """Draw the line, unless it stands there as it is."""
        shown = fit(printable(self._text), room_on(self._stream) or 0)
        if shown != self._shown:
            self._write(self._over() + shown)
            self._shown = shown

    def hide(self) -> None:
        """Take the line from the screen, for something else to be printed."""
        if self._shown:
            self._write(self._over())
            self._shown = ""

    def _over(self) -> str:
        """Return what leads to its beginning, and erases it: in a narrower window it is longer."""
        further = max(columns_of(self._shown) - 1, 0) // ((room_on(self._stream) or 0) + 1)
        return UP * further + ERASE

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
        except UnicodeEncodeError:  # a terminal that knows few characters
            self._stream.write(text.encode("ascii", "replace").decode("ascii"))
        self._stream.flush()


_lock = threading.RLock()
_line: LiveLine | None = None
_aside = 0


@contextmanager
def on(stream: TextIO) -> Iterator[bool]:
    """Have such a line on a terminal within this; gives whether it is the caller's to draw.

    It is not where there is no terminal that can, and where another one has it.
    """
    global _line  # noqa: PLW0603 - a process has one terminal
    is_able = stream.isatty() and os.environ.get("TERM") not in ("dumb", "")
    with _lock:
        mine = is_able and _line is None
        if mine:
            _line = LiveLine(stream)
    try:
        yield mine
    finally:
        if mine:
            draw("")
            _line = None


def draw(text: str) -> None:
    """Show a text in it, if it is there; empty: nothing."""
    with _lock:
        if _line:
            _line.draw(text, shown=not _aside)


@contextmanager
def aside() -> Iterator[None]:
    """Keep it from the screen within this: something is printed, or a person is asked.

    Others may print meanwhile: a question can take long, and Ctrl-C has an answer to it.
    """
    _put_aside(1)
    try:
        yield
    finally:
        _put_aside(-1)


def _put_aside(by: int) -> None:
    global _aside  # noqa: PLW0603
    with _lock:
        _aside += by
        if _line and _aside:
            _line.hide()
        elif _line:
            _line.show()
