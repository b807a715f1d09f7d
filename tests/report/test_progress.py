"""What pictures of the screen do not show (see test_screens.py)."""

import io

from flaskwright.report import console
from flaskwright.report.console import Console
from flaskwright.report.phases import (
    ENVIRONMENT,
    LIVE,
    PACKAGES,
    phase_of,
)
from flaskwright.report.progress import Manner, Progress
from tests import screen

SERVING = {"id": "serving", "kind": "serving", "step": "gunicorn.start"}


def lines(*events, clock=float):
    told = []
    with Progress(Manner("pi", whole=True), told.append, io.StringIO(), clock=clock) as show:
        for event in events:
            show(event)
    return told


def test_what_comes_from_a_journal_took_as_long_as_that_says():
    """A transaction that is told again took what it took."""
    begun = {"event": "start", "at": 1000.0, **SERVING}
    done = {"event": "result", "state": "changed", "at": 1012.3, **SERVING}
    ended = {"event": "phase", "name": "commit", "at": 1042.5}

    assert lines(begun, done, ended) == ["  Live           42.5 s  1 changed"]


def test_a_host_that_was_started_anew_in_between_has_another_clock():
    begun = {"event": "start", "at": 1000.0, **SERVING}
    done = {"event": "result", "state": "failed", "at": 12.0, **SERVING}

    assert lines(begun, done) == ["  Live            0.0 s  failed in gunicorn.start"]


def test_events_of_a_later_agent_are_passed_over():
    assert lines({"event": "something new"}) == []


def test_a_phase_begins_with_a_kind_of_resource_and_never_comes_back():
    assert phase_of("packages", "") == PACKAGES
    assert phase_of("file", PACKAGES) == PACKAGES
    assert phase_of("venv", PACKAGES) == ENVIRONMENT
    assert phase_of("packages", ENVIRONMENT) == ENVIRONMENT
    assert phase_of("serving", ENVIRONMENT) == LIVE
    assert phase_of("file", "") == ""


def test_what_is_printed_meanwhile_stands_above_the_line_that_moves(monkeypatch):
    """Whoever prints it, on either stream: nothing of the line is left behind it."""
    monkeypatch.setenv("TERM", "xterm")
    with screen.terminal(60) as (stream, seen):
        there = Console(stream, stream)
        monkeypatch.setattr(console, "_console", there)
        with Progress(Manner("pi"), there.tell, stream, clock=float) as show:
            show({"event": "start", **SERVING})
            show({"event": "progress", "text": "a long line of a program, with much to say"})
            console.say("a result")
            assert seen().split("\n") == [
                "a result",
                "  Live            0 s  a long line of a program, with much…",
            ]
        assert seen() == "a result"


def test_what_a_program_writes_has_the_screen_for_itself(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    manner = Manner("pi", rows=False)
    with (
        screen.terminal(60) as (stream, seen),
        Progress(manner, print, stream, clock=float) as show,
    ):
        show({"event": "start", "id": "app-command", "kind": "app-command", "step": "run"})
        assert "run" in seen()
        show({"event": "output", "text": "x", "stream": "out"})
        show.tick()
        assert seen() == ""
