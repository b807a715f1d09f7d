"""The question whether an address may have a secret, asked where somebody can answer it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

from ..errors import UsageError
from ..secrets.addresses import NotAllowed
from . import console, live_line

T = TypeVar("T")
_lanes: set[str] = set()


def given(read: Callable[[], T], *, yes: bool = False) -> T:
    """Return what `read` returns, once all that is asked about what it reads is answered.

    yes: it was said on the command line. Raises NotAllowed where nobody can be asked.
    """
    while True:
        try:
            return read()
        except NotAllowed as kept:
            if not yes and not can_ask():
                raise
            if yes:
                console.tell(f"{kept.question} yes")
            kept.wish.answer(yes=yes or _is_yes(kept.question))


def _is_yes(question: str) -> bool:
    """Ask; raises UsageError for what is neither yes nor no."""
    with live_line.aside():
        console.tell(f"{question} Type yes or no:")
        answer = sys.stdin.readline().strip()
    if answer not in ("yes", "no"):
        raise UsageError("nothing was done: the answer was neither yes nor no")
    return answer == "yes"


def ask_nobody() -> None:
    """Ask no question from now on: there are several hosts, whose lanes would talk all at once."""
    _lanes.add("several")


def can_ask() -> bool:
    """Tell whether a person is at the terminal, who can be asked about one host."""
    return sys.stdin.isatty() and not console.is_json() and not _lanes
