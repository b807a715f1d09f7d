"""A transaction from its plan to commit or undo, in this process: its end is in the journal."""

import time

import pytest

from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.system.lock import Held, locked
from flaskwright.agent.transaction import transaction
from flaskwright.agent.transaction.reserve import Reserve

from ..slot_host import CANARY, NEW, OLD, ONE, TWO
from ..support import file_fields, full
from ..transactions import is_closed, result_of, run, verdicts


@pytest.fixture
def host(live, process):
    return live


def test_a_deploy_is_committed(host):
    told = run(host, host.serving(), facts={"release": NEW, "commit": "b" * 40})

    result, facts = result_of(told)
    assert result["state"] == "changed", result
    names = [event["name"] for event in told if event["event"] == "phase"]
    assert names == ["canary", "switch", "verify", "commit"]
    assert host.runs() == {TWO: NEW}
    assert host.releases.current() == NEW
    assert (facts["release"], facts["undo"]) == (NEW, "rollback")
    assert is_closed(host)


def test_the_verdict_says_who_when_and_how_long(host):
    run(host, host.serving(), facts={"release": NEW}, began=time.time() - 60)

    last = host.verdicts.lines()[-1]
    assert (last["id"], last["commit"], last["verdict"]) == (NEW, "bbbbbbb", "serving")
    assert (last["who"], last["transaction"]) == ("me@here", "20261120-120000-000")
    assert 60 <= last["seconds"] < 70


def test_its_resources_have_the_numbers_of_the_whole_plan(host, tmp_path):
    files = [file_fields(tmp_path / name, "# Flaskwright\n") for name in "ab"]

    told = run(host, *files)

    starts = [(event["n"], event["of"]) for event in told if event["event"] == "start"]
    assert starts == [(3, 4), (4, 4)]
    assert (tmp_path / "b").exists()


def test_without_a_new_release_the_verdict_names_none(host, tmp_path):
    run(host, file_fields(tmp_path / "a", "# Flaskwright\n"))

    assert verdicts(host) == [(OLD, "serving"), ("", "done")]
    assert is_closed(host)


def test_a_release_that_was_live_already_is_live_since_then(host, tmp_path):
    told = run(host, host.serving(), file_fields(tmp_path / "a", "# x\n"), facts={"release": OLD})

    assert [event["state"] for event in told if event["event"] == "result"] == ["ok", "changed"]
    assert verdicts(host) == [(OLD, "serving"), ("", "done")]
    assert host.verdicts.last()[OLD]["since"] == "then"


def test_one_that_fails_before_there_is_a_release_is_noted_too(host, doing):
    def fails(run):
        raise Failed("no")

    run(host, doing(fails))

    last = host.verdicts.lines()[-1]
    assert (last["id"], last["verdict"], last["who"]) == ("", "failed", "me@here")
    assert (last["at"], last["transaction"]) == ("doing:x", "20261120-120000-000")
    assert host.verdicts.good() == [OLD]


def test_a_release_that_is_gone_back_to_serves_once_more(host):
    host.verdicts.add(id=NEW, verdict="serving")
    host.verdicts.add(id=OLD, verdict="serving")

    run(host, host.serving(), facts={"release": NEW})

    assert verdicts(host)[1:] == [(NEW, "serving"), (OLD, "serving"), (NEW, "serving")]


def test_a_canary_that_is_not_well_is_undone_and_remembered(host):
    host.says(500, CANARY)

    told = run(host, host.serving(), facts={"release": NEW})

    result, facts = result_of(told)
    assert result["what"] == f"release {NEW} is not well: / answers 500"
    assert facts["serves"] == OLD
    assert host.runs() == {ONE: OLD}
    assert verdicts(host)[1:] == [(NEW, "failed")]
    assert is_closed(host)


def test_what_fails_after_the_switch_is_undone(host, doing):
    def fail(run):
        assert host.runs() == {TWO: NEW}
        raise Failed("nginx does not answer", "because")

    told = run(host, host.serving(), doing(fail), facts={"release": NEW})

    result, facts = result_of(told)
    assert (result["what"], facts["serves"]) == ("nginx does not answer", OLD)
    assert list(host.runs().values()) == [OLD]
    assert host.releases.current() == OLD
    assert [event["name"] for event in told if event["event"] == "phase"][-1] == "undo"
    assert verdicts(host)[1:] == [(NEW, "failed")]
    assert is_closed(host)


def test_where_the_undo_fails_a_person_must_look(host, doing):
    def fail(run):
        host.systemd.breaks(OLD)
        raise Failed("nginx does not answer")

    told = run(host, host.serving(), doing(fail), facts={"release": NEW})

    _, facts = result_of(told)
    assert facts["person"] == f"release {OLD} did not come back: {ONE} does not start"
    assert facts["serves"] == NEW


def test_a_mistake_of_ours_is_undone_too(host, doing):
    told = run(host, host.serving(), doing(lambda run: 1 / 0), facts={"release": NEW})

    result, facts = result_of(told)
    assert result["why"].startswith("a mistake of Flaskwright: ZeroDivisionError")
    assert (facts["serves"], host.releases.current()) == (OLD, OLD)


def test_while_it_runs_there_are_a_lock_a_reserve_and_what_is_pending(host, doing):
    seen = []

    def look(run):
        with pytest.raises(Held), locked([str(host.state / "lock")], "bob", "deploy"):
            pass
        seen.append((host.state / ".reserve").stat().st_size)
        seen.append(host.pending.read()["id"])

    run(host, doing(look))

    assert seen == [1 << 20, "20261120-120000-000"]


def test_a_clock_that_jumps_takes_no_time_away(host, doing, monkeypatch):
    ends = []
    jumped = time.time() + 2 * 86400
    monkeypatch.setattr(transaction.time, "time", lambda: jumped)

    run(host, doing(lambda run: ends.append(run.ends - time.monotonic())))

    assert 1700 < ends[0] <= 1800


def test_what_comes_after_the_commit_cannot_undo_it(host, doing):
    def fail(run):
        assert host.pending.read() == {}
        raise Failed("no")

    told = run(host, host.serving(), doing(fail, late=True), facts={"release": NEW})

    result, facts = result_of(told)
    assert result["what"] == "no"
    assert facts["person"].startswith(f"release {NEW} is live and stays")
    assert host.runs() == {TWO: NEW}
    assert verdicts(host)[1:] == [(NEW, "serving")]


def test_what_fails_where_nothing_was_switched_is_no_matter_for_a_person(host, doing):
    def fail(run):
        raise Failed("no")

    told = run(host, host.serving(), doing(fail, late=True), facts={"release": OLD})

    result, facts = result_of(told)
    assert (result["what"], "person" in facts) == ("no", False)


def test_a_lock_that_is_held_is_told_and_nothing_is_done(host, doing):
    with locked([str(host.state / "lock")], "bob@pc", "blog: setup"):
        told = run(host, doing(lambda run: pytest.fail("it was done")))

    assert [event["event"] for event in told] == ["locked"]
    assert (told[0]["who"], told[0]["what"]) == ("bob@pc", "blog: setup")
    assert host.pending.read() == {}
    assert not list(host.state.glob("transactions/*/plan.json"))
    assert not (host.state / ".reserve").exists()


def test_facts_and_states_of_the_connected_part_go_on(host, doing):
    seen = []
    told = run(
        host,
        doing(lambda run: seen.append(run.changed("file:/a"))),
        facts={"commit": "c" * 40},
        states={"file:/a": "changed"},
    )

    assert seen == [True]
    assert result_of(told)[1]["commit"] == "c" * 40


def test_what_is_for_after_the_commit_need_not_stand_last(host, doing, tmp_path):
    pending = []
    late = doing(lambda run: pending.append(host.pending.read()), late=True)

    told = run(host, late, file_fields(tmp_path / "a", "# Flaskwright\n"))

    assert [event["id"] for event in told if event["event"] == "start"][-1] == "doing:x"
    assert pending == [{}]


def test_what_another_transaction_has_left_pending_is_not_its_own(host, doing):
    host.begin(release=OLD, before=NEW, switched=True, person=True)  # who has mended it since

    def fail(run):
        raise Failed("no")

    run(host, doing(fail))

    assert host.runs() == {ONE: OLD}
    assert host.releases.current() == OLD


def test_a_reserve_that_cannot_be_written_is_told(host, doing, monkeypatch):
    monkeypatch.setattr(Reserve, "take", full)

    told = run(host, doing(lambda run: pytest.fail("it was done")))

    assert result_of(told)[0]["state"] == "failed"


def test_a_commit_that_fails_is_told(host, doing):
    systemctl = host.systemd.bin / "systemctl"
    breaks = doing(lambda run: systemctl.write_text("#!/bin/sh\nexit 1\n"))

    told = run(host, host.serving(), breaks, facts={"release": NEW})

    assert result_of(told)[0]["state"] == "failed"
