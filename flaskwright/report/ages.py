"""Moments as people speak of them: how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime

MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_UNITS = (("year", 365 * 86400), ("month", 30 * 86400), ("week", 7 * 86400), ("day", 86400))
UNITS = (*_UNITS, ("hour", 3600), ("minute", 60))  # with their seconds
JUST_NOW, LEAST = "just now", 60  # the second in seconds


def in_words(text: str, now: str) -> str:
    """Return a text, each moment in it as `3 hours ago`; both are UTC, as 2026-11-20T14:38:57Z.

    One that is to come, or is none of the calendar, stays as it is.
    """
    if not MOMENT.fullmatch(now):
        return text
    return MOMENT.sub(lambda found: _age(found[0], now), text)


def _age(moment: str, now: str) -> str:
    try:
        seconds = (_read(now) - _read(moment)).total_seconds()
    except ValueError:
        return moment
    if seconds < 0:
        return moment
    for unit, length in UNITS:
        count = int(seconds // length)
        if count >= 2 or (count == 1 and seconds < 1.5 * length):
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return JUST_NOW if seconds < LEAST else f"{seconds:.0f} seconds ago"


def _read(moment: str) -> datetime:
    return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
