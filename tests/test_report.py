import pytest

from flaskwright import plan
from flaskwright.report import HostReport, Outcome, step_state
from tests.hosts_file import host_in


def report(tmp_path, *states, mode="apply"):
    outcomes = [Outcome(f"file:/{n}", "step", state) for n, state in enumerate(states)]
    return HostReport(plan.make(host_in(tmp_path), []), mode, outcomes)


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
