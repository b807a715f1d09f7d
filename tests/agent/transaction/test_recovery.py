"""Transactions that were cut off, by a kill or by a power cut, and what undoes them."""

import shutil

import pytest

from flaskwright.agent.transaction import transaction
from flaskwright.agent.transaction.reserve import Reserve

from .. import transactions
from ..slot_host import NEW, OLD, ONE, TWO
from ..transactions import is_closed, journal, prepare, result_of, verdicts


@pytest.fixture
def host(live, process):
    """A host with a transaction that was cut off while it put NEW live."""
    prepare(live)
    (live.state / "transaction" / "plan.json").unlink()
    live.begin(release=NEW, before=OLD, switched=True)
    Reserve(str(live.state)).__enter__()
    with (live.state / "transaction" / "journal.jsonl").open("w") as file:
        file.write('{"event": "phase", "name": "switch"}\n{"event": "pha')
    live.releases.switch(NEW)
    live.run().command(["systemctl", "start", TWO])
    return live


def come_by(host, mode):
    assert transaction.main(mode, str(host.state)) == 0


def test_one_that_was_killed_is_undone_and_its_journal_has_an_end(host):
    come_by(host, "recover")

    assert list(host.runs().values()) == [OLD]
    assert host.releases.current() == OLD
    assert verdicts(host)[1:] == [(NEW, "failed")]
    assert is_closed(host)
    told = journal(host)
    assert [event.get("name") for event in told[:2]] == ["switch", "undo"]
    result, facts = result_of(told)
    assert (result["state"], result["what"]) == ("failed", "the deploy was cut off on the host")
    assert facts == {"serves": OLD}


def test_after_a_power_cut_only_the_link_is_put_back(host):
    host.systemd.stop()
    host.forget_calls()

    come_by(host, "boot")

    assert host.releases.current() == OLD
    assert host.systemd.calls() == ["daemon-reload"]
    assert is_closed(host)
    result, facts = result_of(journal(host))
    assert result["what"] == "the deploy was cut off on the host by a power cut"
    assert facts == {"serves": OLD}


@pytest.mark.parametrize("mode", ["recover", "boot"])
def test_one_that_came_to_its_end_is_left_alone(host, mode):
    host.pending.clear()
    host.forget_calls()

    come_by(host, mode)

    assert host.systemd.calls() == []
    assert host.releases.current() == NEW
    assert [event["event"] for event in journal(host)] == ["phase"]


@pytest.mark.parametrize("mode", ["recover", "boot"])
def test_a_good_release_that_was_to_be_live_again_stays_good(host, mode):
    host.verdicts.add(id=NEW, commit="b", verdict="serving", since="then", who="me@here")
    host.verdicts.add(id=OLD, commit="a", verdict="serving", since="then", who="me@here")

    come_by(host, mode)

    assert host.releases.current() == OLD
    assert host.verdicts.good() == [NEW, OLD]


def test_the_second_one_to_come_finds_nothing_to_do(host):
    come_by(host, "recover")
    said, runs = journal(host), host.runs()
    host.forget_calls()

    come_by(host, "boot")

    assert (journal(host), host.runs(), host.systemd.calls()) == (said, runs, [])


def test_where_it_cannot_be_undone_a_person_must_look(host):
    host.run().command(["systemctl", "stop", ONE])
    host.systemd.breaks(OLD)

    come_by(host, "recover")

    _, facts = result_of(journal(host))
    assert facts["person"].startswith(f"release {OLD} did not come back")
    assert facts["serves"] == NEW
    assert host.runs() == {TWO: NEW}


def test_what_could_not_be_undone_is_not_said_to_be(host):
    host.run().command(["systemctl", "stop", ONE])
    host.systemd.breaks(OLD)

    come_by(host, "recover")

    assert result_of(journal(host))[0]["why"] != "it was undone"


@pytest.mark.parametrize("mode", ["recover", "boot"])
def test_a_first_release_that_stays_is_not_said_to_be_undone(host, mode):
    host.pending.note(before="")
    enabled = host.etc_nginx / "sites-enabled" / "blog"
    enabled.parent.mkdir(parents=True)
    enabled.symlink_to("../sites-available/blog")

    come_by(host, mode)

    result, facts = result_of(journal(host))
    assert (result["why"], facts["serves"]) == ("", NEW)


def test_its_plan_which_may_hold_secrets_is_removed(host):
    (host.state / "transaction" / "plan.json").write_text("{}")

    come_by(host, "recover")

    assert not (host.state / "transaction" / "plan.json").exists()


@pytest.mark.parametrize("mode", ["recover", "boot"])
def test_one_that_had_its_line_in_the_audit_is_committed(host, mode):
    host.systemd.stop()
    host.serve(NEW, TWO)
    host.verdicts.add(id=NEW, commit="b", verdict="serving", transaction="1")

    come_by(host, mode)

    assert host.releases.current() == NEW
    assert host.verdicts.good() == [OLD, NEW]
    assert is_closed(host)
    result, facts = result_of(journal(host))
    assert result["what"] == "the deploy was cut off on the host after its commit"
    assert facts["person"].startswith(f"release {NEW} is live and stays")


@pytest.mark.parametrize("mode", ["recover", "boot"])
def test_one_that_is_committed_and_closed_lacks_only_its_end(live, process, mode):
    """It was cut off in what follows its commit: nothing is pending, and its plan is there."""
    prepare(live)
    transaction = "20261120-120000-000"
    live.verdicts.add(id=OLD, commit="a", verdict="serving", transaction=transaction)

    come_by(live, mode)

    assert is_closed(live)
    assert live.runs() == {ONE: OLD}
    result, facts = result_of(journal(live))
    assert result["what"] == "the deploy was cut off on the host after its commit"
    assert facts["person"].startswith(f"release {OLD} is live and stays")


@pytest.mark.parametrize("mode", ["recover", "boot"])
def test_one_that_has_not_begun_leaves_no_plan_with_its_secrets(live, process, mode):
    prepare(live)
    Reserve(str(live.state)).__enter__()
    (live.state / ".pending.json.flaskwright-x").touch()

    come_by(live, mode)

    assert is_closed(live)
    assert live.runs() == {ONE: OLD}
    result, facts = result_of(journal(live))
    assert result["what"] == "the deploy was cut off on the host before it began"
    assert facts == {"serves": OLD}


def test_the_next_one_undoes_first_what_has_no_recovery(host, monkeypatch):
    """Its recovery was killed, too."""
    monkeypatch.setattr(transaction, "WAIT", 1.0)
    shutil.rmtree(host.state / "transactions")
    (host.state / "transaction").unlink()

    told = transactions.run(host, host.serving(), facts={"release": OLD})

    assert list(host.runs().values()) == [OLD]
    assert host.releases.current() == OLD
    assert verdicts(host)[1:] == [(NEW, "failed"), ("", "done")]
    assert is_closed(host)
    assert next(event["name"] for event in told if event["event"] == "phase") == "undo"


def test_what_could_not_be_undone_is_left_to_a_person_by_the_next_one_too(host):
    host.run().command(["systemctl", "stop", ONE])
    host.systemd.breaks(OLD)
    come_by(host, "recover")
    (host.state / "transaction").unlink()
    shutil.rmtree(host.state / "transactions")

    told = transactions.run(host, host.serving(), facts={"release": NEW})

    assert "undo" not in [event.get("name") for event in told]
    assert host.runs() == {TWO: NEW}
    assert is_closed(host)
