import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from flaskwright.agent.common.frames import STOP
from flaskwright.agent.engine.drive import drive
from flaskwright.agent.engine.errors import Failed, HandOver
from flaskwright.agent.engine.handler import HANDLERS, Handler, handles
from flaskwright.agent.engine.run import Run

from ..support import Operator, fields

LONG = 30.0  # seconds in which a thread has had its turn, on any machine


class Signals:
    """What the handlers below wait for: each has its place, so that no test waits for a time."""

    def __init__(self, operator: Operator) -> None:
        self.operator = operator
        self.early = threading.Event()
        self.main = threading.Event()
        self.pids: list[int] = []


class Change(Handler):
    """Something that is not yet so; `does` says what its fix does."""

    keys = ("state",)
    state: str
    does: str = ""
    beside: tuple[str, ...] = ()
    signals: Signals
    now = "old"

    def actual(self) -> dict[str, Any]:
        return {"state": self.now}

    def fix(self, differing: list[str]) -> None:
        self.run.begin(self.beside)
        getattr(self, "_" + self.does, bool)()
        self.now = self.state

    def _waits_for_early(self) -> None:
        assert self.signals.early.wait(LONG)

    def _waits_for_main(self) -> None:
        self.signals.early.set()
        assert self.signals.main.wait(LONG)

    def _is_early(self) -> None:
        self.run.progress("builds", always=True)
        self.signals.early.set()

    def _fails(self) -> None:
        self._waits_for_early()
        raise Failed("no")

    def _fails_early(self) -> None:
        self.signals.early.set()
        raise Failed("no environment")

    def _runs(self) -> None:
        argv = ["sh", "-c", "echo $$; exec sleep 1000"]
        self.run._executed(argv, {}, self._started)

    def _started(self, line: str) -> None:
        self.signals.pids.append(int(line))
        self.signals.early.set()

    def _leaves(self) -> None:
        self.signals.early.set()
        self.signals.operator.leave()
        self.run.want("token", {})

    def _asks(self) -> None:
        assert self.run.want("token", {}) == b"secret"
        self.signals.early.set()

    def _looks(self) -> None:
        asked: list[str] = []
        while not self.signals.early.wait(0.01):
            assert not self.run.wire.gone()
            asked += [one["event"] for one in self.signals.operator.events()]
            if "want" in asked:
                asked.clear()
                self.signals.operator.say(STOP)
                self.signals.operator.say(b"secret")


class Rest(Change):
    detached = True


@pytest.fixture
def signals(operator: Operator) -> Iterator[Signals]:
    known, signals = dict(HANDLERS), Signals(operator)
    for kind, handler in (("change", Change), ("rest", Rest)):
        handles(kind)(handler)
    Change.signals = signals
    yield signals
    HANDLERS.clear()
    HANDLERS.update(known)


def change(name: str, does: str = "", *beside: str, kind: str = "change") -> dict[str, Any]:
    return fields(kind, name, state="new", does=does, beside=list(beside))


def results(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(e["id"], e["state"]) for e in events if e["event"] == "result"]


def test_what_is_early_is_done_beside_the_others_and_told_in_its_place(
    run: Run, operator: Operator, signals: Signals
) -> None:
    plan = [
        change("apt", "waits_for_early", "change:build"),
        change("site"),
        change("build", "is_early"),
    ]
    driven = drive(plan, run)
    events = operator.events()
    assert driven.done == "change:build"
    assert [event["event"] for event in events] == ["start", "result"] * 3  # no word of `builds`
    assert results(events) == [(f"change:{n}", "changed") for n in ("apt", "site", "build")]


def test_nothing_is_early_where_nothing_is_changed(
    dry_run: Run, operator: Operator, signals: Signals
) -> None:
    plan = [change("apt", "waits_for_early", "change:build"), change("build", "is_early")]
    drive(plan, dry_run)
    assert results(operator.events()) == [
        ("change:apt", "would change"),
        ("change:build", "would change"),
    ]
    assert not signals.early.is_set()


def test_what_a_transaction_does_may_be_early_and_else_is_handed_over(
    run: Run, operator: Operator, signals: Signals
) -> None:
    apt = change("apt", "waits_for_early", "rest:build")
    driven = drive([apt, change("build", "is_early", kind="rest"), change("x", kind="rest")], run)
    assert results(operator.events()) == [("change:apt", "changed"), ("rest:build", "changed")]
    assert [one["id"] for one in driven.rest] == ["rest:x"]


def test_what_fails_early_is_told_in_its_place_and_nothing_follows_it(
    run: Run, operator: Operator, signals: Signals
) -> None:
    plan = [
        change("apt", "waits_for_early", "change:build", "change:more"),
        change("build", "fails_early"),
        change("more"),
    ]
    driven = drive(plan, run)
    events = operator.events()
    assert driven.done == "change:apt"
    assert results(events) == [("change:apt", "changed"), ("change:build", "failed")]
    assert events[-1]["what"] == "no environment"


def test_a_failure_ends_the_programs_of_what_is_early(
    run: Run, operator: Operator, signals: Signals
) -> None:
    drive([change("apt", "fails", "change:build"), change("build", "runs")], run)
    assert results(operator.events()) == [("change:apt", "failed")]
    with pytest.raises(ProcessLookupError):
        os.kill(signals.pids[0], 0)


def test_a_question_of_what_is_early_gets_its_answer_whoever_looks_at_the_link(
    run: Run, operator: Operator, signals: Signals
) -> None:
    apt, build = change("apt", "looks", "change:build"), change("build", "asks")
    drive([apt, build], run)
    assert ("change:apt", "changed") in results(operator.events())
    assert run.wire.stopping


def test_a_question_that_nobody_answers_any_more_ends_both(
    run: Run, operator: Operator, signals: Signals
) -> None:
    apt = change("apt", "waits_for_early", "change:build")
    driven = drive([apt, change("build", "leaves")], run)
    assert (driven.lost, driven.done) == (True, "change:apt")


def test_what_was_not_reached_early_has_its_own_turn(
    run: Run, operator: Operator, signals: Signals
) -> None:
    """As when it would have to be handed over: its thread has no say in that."""

    class Handed(Change):
        def actual(self) -> dict[str, Any]:
            if self.run.is_early:
                self.signals.early.set()
                raise HandOver
            return {"state": self.state}

    handles("handed")(Handed)
    apt = change("apt", "waits_for_early", "handed:build")
    driven = drive([apt, change("build", kind="handed")], run)
    assert driven.done == "handed:build"


def test_an_operator_who_leaves_has_finished_what_is_in_hand(
    run: Run, operator: Operator, signals: Signals
) -> None:
    class Leaves(Change):
        def fix(self, differing: list[str]) -> None:
            self.run.begin(self.beside)
            assert self.signals.early.wait(LONG)
            operator.leave()
            self.signals.main.set()
            self.now = self.state

    handles("leaves")(Leaves)
    apt = change("apt", "", "change:build", kind="leaves")
    driven = drive([apt, change("build", "waits_for_main"), change("x")], run)
    assert (driven.lost, driven.done) == (True, "leaves:apt")
