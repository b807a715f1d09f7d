"""A word of the plan, such as the checker `nginx`, and the function or class that it names."""

from __future__ import annotations

from .. import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Named = TypeVar("Named")


_CHOSEN: dict[tuple[str, str], Any] = {}


def names(field: str, word: str) -> Callable[[Named], Named]:
    """Register what is below as what `word` names where it stands in `field` of a resource."""

    def register(named: Named) -> Named:
        _CHOSEN[field, word] = named
        return named

    return register


def chosen(field: str, word: str) -> Any:
    """Give what a word names; its module is imported when it is first asked for."""
    if (field, word) not in _CHOSEN:
        kinds.module(kinds.CHOICES[field][word])
    return _CHOSEN[field, word]
