"""A run that says nothing says what it waits for."""

import time

import pytest

from flaskwright.agent.engine import silence
from flaskwright.agent.engine.drive import drive
from flaskwright.agent.engine.handler import HANDLERS, Handler
from flaskwright.agent.engine.run import Run

from ..support import Operator


@pytest.fixture(autouse=True)
def hasty(monkeypatch, run):
    monkeypatch.setattr(silence, "TICK", 0.01)
    run.patience = 0.05


def waiting(operator: Operator, seconds: float = 5.0) -> dict:
    """The first event that says what is waited for."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for event in operator.events():
            if event["event"] == "waiting":
                return event
        time.sleep(0.01)
    raise AssertionError("nothing was said")


def test_what_is_waited_for_and_since_when(run: Run, operator: Operator) -> None:
    run.current = "packages:git"
    with silence.told(run), run.waits("for apt"), run.waits(lambda: "the lock"):
        told = waiting(operator)

    assert 0.0 <= told.pop("seconds") < 5.0
    assert told == {"event": "waiting", "id": "packages:git", "text": "the lock"}


def test_it_is_said_again_and_since_when_goes_on(run: Run, operator: Operator) -> None:
    with silence.told(run), run.waits("something"):
        first, second = waiting(operator), waiting(operator)

    assert second["seconds"] >= first["seconds"]


def test_a_resource_that_says_nothing_is_at_work(
    run: Run, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(Handler):
        keys = ("done",)

        def actual(self):
            told.append(waiting(operator))
            return {"done": True}

    told: list[dict] = []
    monkeypatch.setitem(HANDLERS, "slow", Slow)
    with silence.told(run):
        drive([{"kind": "slow", "id": "slow:x", "step": "test", "done": True}], run)
    assert (told[0]["id"], told[0]["text"]) == ("slow:x", "at work")


def test_while_the_operator_is_asked_their_side_says_it(run: Run, operator: Operator) -> None:
    with silence.told(run), run.waits("before"), run.waits(""):
        time.sleep(0.2)
        assert operator.events() == []


def test_who_speaks_is_not_interrupted(run: Run, operator: Operator) -> None:
    run.patience = 0.5
    with silence.told(run):
        for _ in range(40):
            run.progress("a line", always=True)
            time.sleep(0.02)
    assert {event["event"] for event in operator.events()} == {"progress"}


def test_at_its_end_nothing_is_said_any_more(run: Run, operator: Operator) -> None:
    with silence.told(run):
        waiting(operator)
    time.sleep(0.1)
    operator.events()
    time.sleep(0.1)
    assert operator.events() == []


def test_words_of_a_handler_go_before_what_a_program_is_at(run: Run, operator: Operator) -> None:
    with silence.told(run), run.waits("at work"), run.waits("waits for the app to start"):
        run.command(["sleep", "0.3"])
    assert {event["text"] for event in operator.events()} == {"waits for the app to start"}
    with silence.told(run), run.waits("at work"):
        run.command(["sleep", "0.3"])
    assert operator.events()[-1]["text"] == "sleep is at work"
