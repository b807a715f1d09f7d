"""How an app is, as `status` prints it: its URL first, ages in words, what went wrong on top."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flaskwright.agent.common.text import one_line

from . import ages, hints
from .width import wrapped

if TYPE_CHECKING:
    from ..inventory import Host

NOW, LAST = "now", "last transaction"
BAD = re.compile(r"\b(failed|was cut off)\b")


def lines(answer: dict[str, Any], host: Host, room: int | None) -> Iterator[str]:
    """Yield the lines; a transaction that did not end well stands right below the URL."""
    now = str(answer.get(NOW, ""))
    told = {key: ages.in_words(str(value), now) for key, value in answer.items() if key != NOW}
    yield host.url
    if BAD.search(told.get(LAST, "")):
        advice = hints.as_typed(f"./fab -H {host.name} attach shows it")
        yield from wrapped(f"{LAST}: ", one_line(f"{told.pop(LAST)}; {advice}"), room)
    for key, value in told.items():
        yield from wrapped(f"{one_line(key)}: ", one_line(value), room)
