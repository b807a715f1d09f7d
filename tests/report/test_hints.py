"""Commands in messages, as they can be typed."""

from __future__ import annotations

import pytest

from flaskwright.report import hints


@pytest.fixture(autouse=True)
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(hints.TYPED, "../fw/fab")
    monkeypatch.delenv("FLASKWRIGHT_HOSTS", raising=False)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("./fab deploy makes one", "../fw/fab -H pi deploy makes one"),
        ("look at `./fab logs`", "look at `../fw/fab -H pi logs`"),
        ("./fab -H attic attach", "../fw/fab -H attic attach"),
        ("./fab config.trust, which asks", "../fw/fab config.trust, which asks"),
        ("./fab sandbox.up --name x", "../fw/fab sandbox.up --name x"),
        ("./fab --list", "../fw/fab --list"),
        ("./fab, which lists them", "../fw/fab, which lists them"),
        ("/srv/./fab deploy", "/srv/./fab deploy"),
        ("../fab deploy", "../fab deploy"),
        ("./fabric deploy", "./fabric deploy"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_a_command_gets_the_name_it_was_called_by_and_the_host(text: str, shown: str) -> None:
    assert hints.as_typed(text, "pi") == shown


def test_it_is_done_once(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv(hints.TYPED, "./fab")
    monkeypatch.setenv("FLASKWRIGHT_HOSTS", str(tmp_path / "hosts.toml"))
    once = hints.as_typed("./fab deploy", "pi")
    assert once == f"FLASKWRIGHT_HOSTS={tmp_path}/hosts.toml ./fab -H pi deploy"
    assert hints.as_typed(once, "pi") == once


def test_what_a_program_has_printed_is_left_as_it_is() -> None:
    said = {"event": "output", "text": "./fab deploy", "stream": "out"}
    assert hints.in_event(said, "pi") == said
    told = {"event": "result", "next": "./fab deploy", "log": ["./fab deploy"]}
    assert hints.in_event(told, "pi") == {**told, "next": "../fw/fab -H pi deploy"}
