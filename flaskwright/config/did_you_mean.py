"""Known names that are close to one that is not known."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean "x"?` when a known name is close, else nothing."""
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""


def no_such(word: str, name: str, known: Iterable[str]) -> str:
    """Return `no app "blgo"`, with the closest of those that there are, or all of them."""
    names = list(known)
    there = f"; there are: {', '.join(names)}" if names else "; there are none yet"
    return f'no {word} "{name}"{did_you_mean(name, names) or there}'
