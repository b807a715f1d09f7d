"""The exit code of a command: of a task's result, and of several hosts together."""

from __future__ import annotations

from collections.abc import Iterable

WORST_FIRST = (3, 6, 1, 5, 4, 64, 2, 0)


def exit_code(result: object) -> int:
    """Return what a task's result says about how it ended; nothing means well."""
    return int(getattr(result, "exit_code", 0) or 0)


def is_good(code: int) -> bool:
    """Tell whether what follows may be begun: done, or a dry run that found changes."""
    return code in (0, 2)


def worst(codes: Iterable[int]) -> int:
    """Return the one code for several; one that is not ours, of a command, counts as failed."""
    return min(codes, key=lambda code: WORST_FIRST.index(code if code in WORST_FIRST else 1))
