"""What systemd and its journal say, and what apps say through them."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from flaskwright.agent.system import systemd

NAMES = ("ActiveState", "MainPID", "StatusText")


def entry(**fields: Any) -> systemd.Entry | None:
    usual = {"__CURSOR": "c", "__REALTIME_TIMESTAMP": "1500000", "MESSAGE": "hi"}
    return systemd.entry(json.dumps({**usual, **fields}, ensure_ascii=False).encode())


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e", "\r"])
def test_a_status_is_no_other_property(end: str) -> None:
    status = f"fine{end}ActiveState=failed{end}MainPID=1"
    said = f"StatusText={status}\nActiveState=active\nMainPID=42\n"

    found = systemd.properties(said, NAMES)

    assert (found["ActiveState"], found["MainPID"]) == ("active", "42")
    assert found["StatusText"].startswith("fine")


def test_only_what_was_asked_for_is_given_and_all_of_it() -> None:
    assert systemd.properties("Other=1\nMainPID=2\nno line\n", NAMES) == {
        "ActiveState": "",
        "MainPID": "2",
        "StatusText": "",
    }


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("hi", ["hi"]),
        ("a\u2028b\nc", ["a\u2028b", "c"]),
        ([104, 105, 255], ["hi\ufffd"]),
        ([104, 10, 105], ["h", "i"]),
        (["one", "two"], ["one", "two"]),
        (["one", [116, 119, 111]], ["one", "two"]),
        ([], [""]),
        ("", [""]),
        (None, ["(longer than the journal tells)"]),
        (7, ["7"]),
    ],
)
def test_a_message_is_text_bytes_or_several(said: Any, lines: list[str]) -> None:
    found = entry(MESSAGE=said)
    assert found is not None
    assert found.lines == lines
    assert (found.seconds, found.cursor) == (1.5, "c")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"__CURSOR": "c", "__REALTIME_TIMESTAMP": [1]}',
        b'{"__CURSOR": "c", "__REALTIME_TIMESTAMP": "x"}',
    ],
    ids=range(9),
)
def test_what_is_no_entry_is_passed_over(line: bytes) -> None:
    assert systemd.entry(line) is None


@pytest.mark.parametrize(
    ("fields", "who"),
    [
        ({"_SYSTEMD_UNIT": "blog@2.service", "_PID": "7"}, "app"),
        ({"_SYSTEMD_UNIT": "init.scope", "_PID": "1"}, "systemd"),
        ({"_SYSTEMD_UNIT": "flaskwright-blog.service", "_PID": "7"}, "deploy"),
        ({"_SYSTEMD_UNIT": "flaskwright.transaction.blog.service", "_PID": "7"}, "deploy"),
        ({"_SYSTEMD_UNIT": "flaskwright-x@1.service", "_PID": "7"}, "app"),
        ({"SYSLOG_IDENTIFIER": "systemd", "_PID": "7"}, "app"),
        ({"SYSLOG_IDENTIFIER": "systemd", "UNIT": "flaskwright-blog.service"}, "app"),
        ({"_PID": ["1", "1"]}, "app"),
    ],
)
def test_who_has_said_it_is_told_by_the_journal_itself(fields: dict[str, Any], who: str) -> None:
    found = entry(**fields)
    assert found is not None
    assert found.who == who


def test_whatever_bytes_there_are_nothing_is_raised() -> None:
    dice = random.Random(12)
    parts = [
        b'{"__CURSOR": "c", "__REALTIME_TIMESTAMP": "1", "MESSAGE": ',
        b"}",
        b"[",
        b"]",
        b"null",
    ]
    parts += [b'"', b"\\ud800", b"=", b"\n", b"\xe2\x80\xa8", b"7", b",", b"MainPID", b"{}", b"1e9"]
    for _ in range(20_000):
        said = b"".join(dice.choice(parts) for _ in range(dice.randrange(12)))
        said += dice.randbytes(dice.randrange(4))
        found = systemd.entry(said)
        assert found is None or all("\n" not in line for line in found.lines)
        assert set(systemd.properties(said.decode("utf-8", "replace"), NAMES)) == set(NAMES)
