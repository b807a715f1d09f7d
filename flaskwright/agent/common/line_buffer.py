"""Whole lines out of a stream of bytes, each bounded; also the operator's side's.

It imports nothing but the standard library.
"""

from __future__ import annotations

LONGEST = 1 << 20  # bytes of a line


class TooLong(Exception):
    """A line has no end for more bytes than a line may have."""


class LineBuffer:
    """Keeps what has no end yet: `add` gives the lines that have one, without it.

    A line that gets longer than `longest` raises TooLong, or is cut there where `cuts` says so.
    What is kept is never copied for what comes: a line without an end costs no more than others.
    """

    def __init__(self, longest: int = LONGEST, cuts: bool = False) -> None:
        self.longest = longest
        self.cuts = cuts
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, data: bytes) -> list[bytes]:
        """Take what was read; gives whole lines. Only a newline ends one."""
        first, *whole = data.split(b"\n")
        self._keep(first)
        if not whole:
            return []
        begun, last = self.rest(), whole.pop()
        if max(map(len, whole), default=0) > self.longest:
            whole = [self._fitting(line, self.longest) for line in whole]
        self._keep(last)
        return [begun, *whole]

    def rest(self) -> bytes:
        """Give the bytes after the last end of a line, and forget them."""
        line = b"".join(self._parts)
        self._parts, self._size = [], 0
        return line

    def _keep(self, part: bytes) -> None:
        part = self._fitting(part, self.longest - self._size)
        if part:
            self._parts.append(part)
            self._size += len(part)

    def _fitting(self, part: bytes, room: int) -> bytes:
        if len(part) > room and not self.cuts:
            raise TooLong("a line of more than %d bytes" % self.longest)
        return part[:room]
