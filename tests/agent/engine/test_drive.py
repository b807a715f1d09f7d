import errno
import os
from pathlib import Path
from typing import Any

import pytest

from flaskwright.agent.common.frames import STOP
from flaskwright.agent.engine.drive import drive
from flaskwright.agent.engine.errors import Failed, HandOver, NotYet, Stopped
from flaskwright.agent.engine.handler import HANDLERS, Act, Handler, handles
from flaskwright.agent.engine.run import Run

from ..support import Operator, fields, file_fields, names, result

OURS = "# Flaskwright\n"


class Stub(Handler):
    keys = ("state",)
    state: str
    error: Exception | None = None
    stubborn: bool = False
    now = "old"

    def actual(self) -> dict[str, Any]:
        if self.error:
            raise self.error
        return {"state": self.now}

    def fix(self, differing: list[str]) -> None:
        self.now = self.now if self.stubborn else self.state


class Rest(Stub):
    detached = True


class Said(Act):
    def act(self) -> dict[str, Any]:
        return {"said": "hello"}


@pytest.fixture(autouse=True)
def stub() -> Any:
    known = dict(HANDLERS)
    for kind, handler in (("stub", Stub), ("rest", Rest), ("said", Said)):
        handles(kind)(handler)
    yield
    HANDLERS.clear()
    HANDLERS.update(known)


def results(operator: Operator) -> list[tuple[str, str]]:
    return [(e["id"], e["state"]) for e in operator.events() if e["event"] == "result"]


def test_each_resource_starts_and_has_a_result(run: Run, operator: Operator) -> None:
    plan = [fields("stub", "a", state="new"), fields("stub", "b", state="old")]
    assert drive(plan, run).done == "stub:b"
    events = operator.events()
    assert [event["event"] for event in events] == ["start", "result"] * 2
    about = {"id": "stub:a", "kind": "stub", "step": "test"}
    assert events[0] == {**about, "event": "start", "n": 1, "of": 2}
    assert events[1]["state"] == "changed"
    assert events[1]["diff"] == ["state: old -> new"]
    assert events[3]["state"] == "ok"
    assert run.changed("stub:a")
    assert not run.changed("stub:b")


def test_after_a_failure_nothing_is_done(run: Run, operator: Operator, tmp_path: Path) -> None:
    bad = fields("stub", "bad", state="new", error=Failed("no", "because", ["line"], "do this"))
    driven = drive([fields("stub", "a", state="old"), bad, file_fields(tmp_path / "a", OURS)], run)
    assert (driven.done, driven.lost, driven.rest) == ("stub:a", False, ())
    failed = operator.events()[-1]
    parts = {key: failed[key] for key in ("what", "why", "log", "next")}
    assert parts == {"what": "no", "why": "because", "log": ["line"], "next": "do this"}
    assert names(tmp_path) == []


def test_a_fix_that_does_not_take_is_a_failure(run: Run) -> None:
    found = result(run, fields("stub", state="new", stubborn=True))
    assert found["what"] == "stub:x still differs: state"
    assert found["log"] == ["state: old -> new"]


def test_a_dry_run_fixes_nothing(dry_run: Run) -> None:
    assert result(dry_run, fields("stub", state="new", stubborn=True))["state"] == "would change"


def test_not_yet_is_honest_in_a_dry_run_only(run: Run, dry_run: Run) -> None:
    resource = fields("stub", state="new", error=NotYet("the package nginx"))
    assert result(dry_run, resource) == {"state": "would run", "note": "after the package nginx"}
    assert result(run, resource)["why"] == "it comes after the package nginx"


def test_errors_of_the_system_are_told_in_words(run: Run, tmp_path: Path) -> None:
    def failing(code: int) -> dict[str, Any]:
        error = OSError(code, os.strerror(code))
        return result(run, fields("stub", state="new", path=str(tmp_path), error=error))

    assert "the disk" in failing(errno.ENOSPC)["why"]
    assert "is mounted read-only" in failing(errno.EROFS)["why"]
    assert failing(errno.EACCES)["what"] == f"stub:{tmp_path}: Permission denied"


def test_a_mistake_of_ours_says_where(run: Run) -> None:
    found = result(run, fields("stub", state="new", error=ZeroDivisionError("oops")))
    assert found["why"] == "a mistake of Flaskwright: ZeroDivisionError: oops"
    assert "in actual" in found["log"][-1]


def test_an_act_is_done_each_time_but_not_in_a_dry_run(run: Run, dry_run: Run) -> None:
    assert result(run, fields("said")) == {"state": "done", "answer": {"said": "hello"}}
    assert result(dry_run, fields("said")) == {"state": "would run"}


def test_when_the_operator_leaves_the_resource_in_hand_is_the_last(
    run: Run, operator: Operator, tmp_path: Path
) -> None:
    class Leaving(Stub):
        def fix(self, differing: list[str]) -> None:
            operator.leave()
            super().fix(differing)

    handles("stub")(Leaving)
    plan = [fields("stub", "a", state="new"), file_fields(tmp_path / "a", OURS)]
    driven = drive(plan, run)
    assert (driven.lost, driven.done) == (True, "stub:a")
    assert run.changed("stub:a")
    assert names(tmp_path) == []


def test_who_is_asked_and_gone_leaves_the_resource_undone(run: Run, operator: Operator) -> None:
    class Asking(Stub):
        def fix(self, differing: list[str]) -> None:
            operator.leave()
            self.run.want("commit", {})

    handles("stub")(Asking)
    plan = [fields("stub", "a", state="old"), fields("stub", "b", state="new")]
    driven = drive(plan, run)
    assert (driven.lost, driven.done) == (True, "stub:a")
    assert "stub:b" not in run.states


def test_who_wishes_to_stop_gets_it_before_the_next_resource(
    run: Run, operator: Operator, tmp_path: Path
) -> None:
    class Interrupted(Stub):
        def fix(self, differing: list[str]) -> None:
            operator.say(STOP)
            super().fix(differing)

    handles("stub")(Interrupted)
    driven = drive([fields("stub", "a", state="new"), file_fields(tmp_path / "a", OURS)], run)
    assert (driven.lost, driven.done) == (False, "stub:a")
    stopped = operator.events()[-1]
    assert (stopped["state"], stopped["what"]) == ("failed", "stopped")
    assert stopped["why"] == f"as asked, before file:{tmp_path}/a"
    assert stopped["next"] == "run the same command again"
    assert names(tmp_path) == []


def test_what_a_transaction_changes_is_handed_over_with_all_that_follows(
    run: Run, operator: Operator, tmp_path: Path
) -> None:
    rest = [fields("rest", "b", state="new"), file_fields(tmp_path / "a", OURS)]
    driven = drive([fields("stub", "a", state="new"), *rest], run)
    assert (driven.first, driven.rest, driven.done) == (2, rest, "stub:a")
    assert [event["event"] for event in operator.events()] == ["start", "result", "start"]
    assert names(tmp_path) == []


def test_where_nothing_differs_nothing_is_handed_over(run: Run, operator: Operator) -> None:
    assert drive([fields("rest", state="old")], run).rest == ()
    assert results(operator) == [("rest:x", "ok")]


def test_a_dry_run_hands_nothing_over(dry_run: Run) -> None:
    assert drive([fields("rest", state="new")], dry_run).rest == ()
    assert dry_run.states == {"rest:x": "would change"}


def test_the_transaction_goes_on_with_the_numbers_of_the_plan(run: Run, operator: Operator) -> None:
    run.detached = True
    driven = drive([fields("rest", "a", state="new"), fields("stub", "b", state="old")], run, 7, 9)
    assert driven.rest == ()
    starts = [event for event in operator.events() if event["event"] == "start"]
    assert [(event["n"], event["of"]) for event in starts] == [(7, 9), (8, 9)]
    assert run.changed("rest:a")


def test_a_handler_that_is_asked_to_stop_fails_with_the_reason(run: Run) -> None:
    class Stopping(Stub):
        def fix(self, differing: list[str]) -> None:
            self.run.stop("it took too long")

    handles("stub")(Stopping)
    found = result(run, fields("stub", state="new"))
    assert (found["what"], found["why"]) == ("stopped", "it took too long")
    assert found["next"] == "run the same command again"


def test_who_is_too_late_stops_nothing(run: Run) -> None:
    with pytest.raises(Stopped):
        run.stop("as asked")
    run.close_to_stops()
    run.stop("as asked")


def test_only_the_drive_sees_a_hand_over(run: Run) -> None:
    with pytest.raises(HandOver):
        result(run, fields("rest", state="new"))


def test_a_phase_is_told_with_what_is_in_hand(run: Run, operator: Operator) -> None:
    run.current = "serving"
    run.phase("canary")
    assert operator.events() == [{"event": "phase", "id": "serving", "name": "canary"}]


def test_a_question_gets_its_answer(run: Run, operator: Operator) -> None:
    operator.say(b"pack")
    run.current = "repository:/srv/a"
    assert run.want("commit", {"have": []}) == b"pack"
    want = {"event": "want", "id": "repository:/srv/a", "name": "commit", "value": {"have": []}}
    assert operator.events() == [want]


def test_progress_is_throttled(run: Run, operator: Operator) -> None:
    for number in range(50):
        run.progress(f"line {number}")
    run.progress("important", always=True)
    assert [event["text"] for event in operator.events()] == ["line 0", "important"]
