"""The link to the operator: frames come in on stdin, events go out on stdout.

A frame is its length in decimal, a newline, and that many bytes. An event is a line of JSON.
Between frames the operator's side stays open and silent, so the end of stdin says that it is gone.
"""

from __future__ import annotations

import contextlib
import json
import select
import threading

from .. import loader
from ..common.frames import STOP
from ..common.line_buffer import LONGEST
from ..common.text import cleaned, limited
from .errors import Gone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import BufferedReader
    from typing import Any, BinaryIO


LIMITS = ((4096, 1000), (1000, 100), (200, 20), (20, 2))  # of characters of a text, items of a list


class Wire:
    """Both directions of the link; `stdin` reads nothing ahead, which select(2) would not see."""

    def __init__(self, stdin: BufferedReader, stdout: BinaryIO) -> None:
        self._in = stdin
        self._out = stdout
        self._closed = False
        self._reads = threading.Lock()
        self.stopping = False  # the operator has asked for a stop

    def send(self, event: dict[str, Any]) -> None:
        """Write an event, its text cleaned; to a reader who is gone nothing is written."""
        if self._closed:
            return
        try:
            self._out.write(packed(cleaned(event)) + b"\n")
            self._out.flush()
        except OSError:
            self._closed = True

    def answer(self) -> bytes:
        """Read a frame; raises Gone where the link ends within it."""
        with self._reads:
            body = self._frame()
            while body == STOP:
                self.stopping = True
                body = self._frame()
            return body

    def gone(self) -> bool:
        """Tell whether the operator's side is closed; what comes unasked is the wish to stop."""
        if not self._reads.acquire(blocking=False):
            return self._closed  # who waits for an answer learns of it
        try:
            self._read_unasked()
        finally:
            self._reads.release()
        return self._closed

    def _read_unasked(self) -> None:
        with contextlib.suppress(Gone):
            while not self._closed and select.select([self._in], [], [], 0)[0]:
                if not self._in.peek(1):
                    self._closed = True
                elif self._frame() == STOP:
                    self.stopping = True

    def fileno(self) -> int:
        """Give the descriptor that frames come from, for who waits for other things as well."""
        return self._in.fileno()

    def _frame(self) -> bytes:
        body = loader.frame(self._in)
        if body is None:
            self._closed = True
            raise Gone("the operator has gone")
        return body


def packed(event: dict[str, Any]) -> bytes:
    """Give an event as a line, without its end; what is longer than a line may be is shortened."""
    line = json.dumps(event).encode("ascii")
    for longest, most in LIMITS:
        if len(line) < LONGEST:
            break
        line = json.dumps(limited(event, longest, most)).encode("ascii")
    return line
