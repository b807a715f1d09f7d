"""What a host says, line by line: an event of the agent, checked and cleaned, or a remark.

The host may be anybody's. What gets past here has the fields and the types that others rely on,
and no character that cannot be seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from flaskwright.agent.common.text import cleaned

Event = dict[str, Any]
Check = Callable[[Any], bool]

DEEPEST = 16  # values within values
LARGEST = 1e9  # of a number that is shown: seconds, and how many
STATES = ("ok", "changed", "failed", "would change", "would run", "done")
_NO_BASE64 = re.compile("[^A-Za-z0-9+/=]")
SHOWN_FACTS = ("serves", "person", "ahead", "release", "undo", "drained", "subject", "commit")


class Nonsense(Exception):
    """An event that no agent sends."""


def read(line: bytes) -> Event | None:
    """Return the event in a line; None for what a login script or a shell says.

    Raises Nonsense for an event without the fields that it needs, or with others in their place.
    """
    try:
        event = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or "event" not in event:
        return None
    name = event["event"]
    if not isinstance(name, str) or not _is_shallow(event, DEEPEST):
        raise Nonsense("an event without a name, or too deep")
    _must_fit(name, event)
    if name in (
        "start",
        "result",
    ):  # the agent of an earlier version tells the kind by the name alone
        event.setdefault("kind", event["id"].partition(":")[0])
    checked: Event = cleaned(event)
    return checked


def begins(event: Event | None) -> bool:
    """Tell whether it is what a host says before all else: that it lacks the agent, or hello."""
    first = event or {}
    return first.get("event") == "hello" or first == {**first, "event": "want", "name": "agent"}


def _must_fit(name: str, event: Event) -> None:
    needed, allowed = _FIELDS.get(name, ({}, {}))
    for field, fits in {"at": _number, **needed, **allowed}.items():
        if (field in event and not fits(event[field])) or (field in needed and field not in event):
            raise Nonsense(f"an event {name[:20]!a} whose {field} is not what it should be")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _is_shallow(value: Any, left: int) -> bool:
    if isinstance(value, dict):
        return left > 0 and all(_is_shallow(item, left - 1) for item in value.values())
    if isinstance(value, list):
        return left > 0 and all(_is_shallow(item, left - 1) for item in value)
    return True


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _base64(value: Any) -> bool:
    return isinstance(value, str) and len(value) % 4 == 0 and not _NO_BASE64.search(value)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value <= LARGEST


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _fields(value: Any) -> bool:
    return isinstance(value, dict)


def _answer(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _facts(value: Any) -> bool:
    return isinstance(value, dict) and all(_text(value[k]) for k in SHOWN_FACTS if k in value)


_TOLD: dict[str, Check] = {
    **dict.fromkeys(("kind", "path", "step", "what", "why", "next", "note"), _text),
    **dict.fromkeys(("diff", "log"), _texts),
    "seconds": _number,
    "answer": _answer,
    "misused": lambda value: isinstance(value, bool),
}
# event -> the fields that it must have, and those that it may have
_FIELDS: dict[str, tuple[dict[str, Check], dict[str, Check]]] = {
    "start": ({"id": _text, "n": _number, "of": _number}, {"kind": _text}),
    "progress": ({"text": _text}, {}),
    "phase": ({"name": _text}, {}),
    "notice": ({"text": _text}, {}),
    # for want of anything else: what is waited for, and for how many seconds that has been
    "waiting": ({"text": _text, "seconds": _number}, {"id": _text}),
    "output": ({"text": _text, "stream": lambda value: value in ("out", "err")}, {}),
    "bytes": ({"data": _base64, "stream": lambda value: value in ("out", "err")}, {}),
    "want": ({"name": _text, "value": _answer}, {}),
    "result": ({"id": _text, "state": lambda value: value in STATES}, _TOLD),
    "locked": (dict.fromkeys(("who", "since", "what"), _text), {}),
    "end": ({}, {"facts": _facts}),
}
