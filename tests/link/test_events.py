"""What a host may say, as the operator's side reads it."""

from __future__ import annotations

import json

import pytest

from flaskwright.link import events
from flaskwright.link.events import Nonsense


def line(**event: object) -> bytes:
    return json.dumps(event).encode()


@pytest.mark.parametrize(
    "said",
    [
        b"Welcome to Debian!",
        b"[1, 2]",
        b'{"a": 1}',
        b"\xff\xfe",
        b"",
        b"[" * 100_000,
        b'{"event":' * 5000,
        b'{"event": "result", "id": "x", "state": "ok", "seconds": NaN}',
        b'{"event": "start", "id": "x", "n": ' + b"9" * 5000 + b"}",
    ],
    ids=range(9),
)
def test_what_is_no_event_is_a_remark(said: bytes) -> None:
    assert events.read(said) is None


@pytest.mark.parametrize(
    "event",
    [
        {"event": None},
        {"event": ["end"]},
        {"event": "start", "id": "x", "n": "1", "of": 2},
        {"event": "start", "id": "x", "n": -1, "of": 2},
        {"event": "start", "n": 1, "of": 2},
        {"event": "result", "id": "x"},
        {"event": "result", "id": "x", "state": "splendid"},
        {"event": "result", "id": "x", "state": "ok", "log": "a text"},
        {"event": "result", "id": "x", "state": "ok", "diff": [1]},
        {"event": "result", "id": "x", "state": "ok", "answer": []},
        {"event": "result", "id": "x", "state": "ok", "seconds": 1e300},
        {"event": "output", "text": 5, "stream": "out"},
        {"event": "output", "text": "x", "stream": "both"},
        {"event": "want", "name": ["secrets"], "value": {}},
        {"event": "want", "name": "secrets", "value": "x"},
        {"event": "locked", "who": "x"},
        {"event": "waiting", "text": "x"},
        {"event": "waiting", "text": "x", "seconds": "2"},
        {"event": "end", "facts": []},
        {"event": "end", "facts": {"person": {}}},
        {"event": "end", "facts": {"release": 7}},
        {"event": "x", "deep": [[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]},
    ],
    ids=str,
)
def test_an_event_that_no_agent_sends_is_told_from_one(event: dict[str, object]) -> None:
    with pytest.raises(Nonsense):
        events.read(json.dumps(event).encode())


def test_what_cannot_be_seen_is_gone_from_names_and_values() -> None:
    hostile = "\x1b[31ma\u202eb\u2028c\u200bd\ud800e\x9bf\ufeff\x7fg"
    event = events.read(line(event="end", facts={hostile: [hostile]}))

    assert event == {"event": "end", "facts": {"abcdeg": ["abcdeg"]}}


def test_an_event_of_a_later_agent_is_let_through() -> None:
    assert events.read(line(event="weather", text="fine")) == {"event": "weather", "text": "fine"}
