import pytest

from flaskwright.plan import plan
from flaskwright.report.report import HostReport, Outcome, step_state
from flaskwright.report.report_lines import summary
from tests.hosts_file import host_in


def report(tmp_path, *states, mode="apply"):
    outcomes = [Outcome(f"file:/{n}", "step", state) for n, state in enumerate(states)]
    return HostReport(plan.make(host_in(tmp_path), []), mode, outcomes)


def test_exit_code_of_what_was_typed_wrong(tmp_path):
    found = report(tmp_path)
    found.outcomes.append(Outcome("logs:blog", "logs", "failed", misused=True))
    assert found.exit_code == 64
    assert found.json()["outcomes"][0]["seconds"] == 0.0


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([], 0),
        (["ok", "changed", "done"], 0),
        (["ok", "would change"], 2),
        (["would run", "ok"], 2),
        (["would change", "failed"], 1),
    ],
)
def test_exit_code_follows_the_outcomes(tmp_path, states, code):
    assert report(tmp_path, *states).exit_code == code


@pytest.mark.parametrize("states", [["changed", "failed"], ["changed"]])
def test_where_a_person_must_look_nothing_else_counts(tmp_path, states):
    found = report(tmp_path, *states)
    found.about.person = "release x did not come back"

    assert found.exit_code == 3


@pytest.mark.parametrize(
    ("name", "state", "mode", "serves"),
    [
        ("serving", "changed", "apply", True),
        ("serving", "ok", "apply", True),
        ("serving", "failed", "apply", False),
        ("serving", "would change", "check", False),
        ("file", "changed", "apply", False),
    ],
)
def test_who_has_looked_at_what_serves_says_so(tmp_path, name, state, mode, serves):
    outcomes = [Outcome(name, "step", state, kind=name)]
    found = HostReport(plan.make(host_in(tmp_path), []), mode, outcomes)

    assert found.serves is serves


def test_what_failed_after_the_switch_was_undone(tmp_path):
    outcomes = [
        Outcome("serving", "s", "changed", kind="serving"),
        Outcome("answer", "s", "failed", kind="answer"),
    ]

    assert not HostReport(plan.make(host_in(tmp_path), []), "apply", outcomes).serves


def test_changes_are_what_was_or_would_be_changed(tmp_path):
    found = report(tmp_path, "ok", "changed", "would change", "would run", "done").changes

    assert [outcome.id for outcome in found] == ["file:/1", "file:/2", "file:/3"]


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        (["ok", "changed"], "changed"),
        (["changed", "failed"], "failed"),
        (["would change", "would run"], "would run"),
        ([], "not reached"),
    ],
)
def test_a_step_is_as_bad_as_its_worst_resource(states, worst):
    assert step_state([Outcome("x", "s", state) for state in states]) == worst


def test_json_leaves_empty_fields_out(tmp_path):
    entry = report(tmp_path, "ok").json()["outcomes"][0]

    assert entry == {"id": "file:/0", "step": "step", "state": "ok", "seconds": 0.0}


def test_a_question_that_fails_is_not_told_how_much_was_changed(tmp_path):
    assert not list(summary(report(tmp_path, "failed", mode="check")))
    assert len(list(summary(report(tmp_path, "failed")))) == 1
    assert len(list(summary(report(tmp_path, "would change", "failed", mode="check")))) == 1
