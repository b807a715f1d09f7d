"""How much room a text takes on a terminal, and what fits into it."""

from __future__ import annotations

import os
import shlex
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TextIO

MORE = "…"
USUAL = 80  # columns, where a terminal does not say how many it has
LEAST = 20  # columns that are always used


def columns_of(text: str) -> int:
    """Return the columns that a text takes: East Asian characters and pictures are two wide."""
    return sum(map(_columns, text))


def fit(text: str, room: int) -> str:
    """Return a text in so many columns at most; what is left out is shown by a mark."""
    if columns_of(text) <= room:
        return text
    taken, kept = columns_of(MORE), ""
    for character in text:
        taken += _columns(character)
        if taken > room:
            break
        kept += character
    return kept.rstrip() + MORE if room > 0 else ""


def padded(text: str, room: int) -> str:
    """Return a text with spaces behind it, so that it takes so many columns."""
    return text + " " * (room - columns_of(text))


def wrapped(head: str, text: str, room: int | None) -> Iterator[str]:
    """Yield a text behind its head, in lines of so many columns, those that follow indented.

    No word is broken, a path or a URL least of all: one that is longer has a line of its own. None:
    however long, it is one line.
    """
    yield from _folded(head, text.split(" "), room, "")


def command(head: str, text: str, room: int | None) -> Iterator[str]:
    r"""Yield a command behind its head; a longer one in lines that end with \, as a shell reads."""
    if not room or columns_of(head + text) <= room:
        yield head + text
        return
    yield from _folded(head, map(shlex.quote, shlex.split(text)), room, " \\")


def room_on(stream: TextIO) -> int | None:
    """Return the columns that a line may have on the terminal that a stream is; None: it is none.

    The last one stays free: terminals differ in what they make of it.
    """
    if not stream.isatty():
        return None
    try:
        told = os.get_terminal_size(stream.fileno()).columns
    except OSError:
        told = 0
    return max(told or shutil.get_terminal_size((USUAL, 24)).columns, LEAST) - 1


def _folded(head: str, words: Iterable[str], room: int | None, end: str) -> Iterator[str]:
    """Yield words behind a head, in lines of so many columns, all but the last one with an end."""
    line, empty = head, True
    for word in words:
        if not empty and room and columns_of(f"{line} {word}{end}") > room:
            yield line + end
            line, empty = _below(head, room), True
        line, empty = line + ("" if empty else " ") + word, False
    yield line.rstrip()


def _below(head: str, room: int) -> str:
    """Return what stands before further lines: as much as the head, where there is room for it."""
    return " " * (columns_of(head) if columns_of(head) <= room // 2 else 4)


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
