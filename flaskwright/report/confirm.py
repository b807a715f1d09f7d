"""A question whose answer is yes, before what cannot be undone."""

from __future__ import annotations

import sys

from ..errors import UsageError
from . import console, live_line


def confirm(asked: str, yes: bool) -> None:
    """Return when a person wants it; raises UsageError when they do not, or nobody is here.

    yes: they have said so on the command line.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{asked} Nobody is here to say so", next="--yes")
    with live_line.aside():
        console.tell(f"{asked} Type yes:")
        answer = sys.stdin.readline().strip()
    if answer != "yes":
        raise UsageError("nothing was done: the answer was not yes")
