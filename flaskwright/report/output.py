"""Lines for whoever reads them, as long as somebody does."""

from __future__ import annotations

import os
from typing import TextIO

from . import live_line
from .redaction import printable


def put(text: str, file: TextIO, end: str = "\n") -> bool:
    """Print, and tell whether somebody reads it; after `| head` what follows goes nowhere."""
    shown = printable(text) + end
    try:
        with live_line.aside():
            try:
                file.write(shown)
            except UnicodeEncodeError:  # a terminal that knows few characters
                file.write(shown.encode("ascii", "backslashreplace").decode("ascii"))
            file.flush()
    except BrokenPipeError:
        to_nowhere(file)
        return False
    return True


def to_nowhere(file: TextIO) -> None:
    """Have what is left for a reader who has gone away written to nobody."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())
