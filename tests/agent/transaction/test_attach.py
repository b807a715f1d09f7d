"""The last transaction, followed by who has not begun it."""

import json

import pytest

from flaskwright.agent.transaction import handover
from flaskwright.agent.transaction.journal import Journal

from ..slot_host import NEW
from ..support import fields, result

START = {"event": "start", "id": "release", "n": 1, "of": 2}
DONE = {"event": "result", "id": "release", "state": "changed"}
END = {"event": "end", "facts": {"release": "new", "undo": "rollback"}, "lost": False}


@pytest.fixture
def attach(slots):
    return fields("attach")


@pytest.fixture
def journal(slots):
    """The journal of a transaction that is under way."""
    return begun(slots, "20261120-120000-000")


def begun(slots, name):
    place = slots.state / "transactions" / name
    place.mkdir(parents=True)
    (slots.state / "transaction").unlink(missing_ok=True)
    (slots.state / "transaction").symlink_to(f"transactions/{name}")
    return Journal(str(place / "journal.jsonl"), str(slots.state))


def test_without_a_transaction_there_is_nothing_to_follow(slots, attach):
    failed = result(slots.run("check"), attach)

    assert (failed["state"], failed["what"]) == ("failed", "blog has had no transaction yet")


def test_it_shows_the_last_one_from_the_first_line_to_the_last(slots, attach, journal, operator):
    for event in (START, DONE, END):
        journal.send(event)
    run = slots.run("check")

    slots.releases.switch(NEW)

    done = result(run, attach)

    assert operator.events() == [START, DONE]
    assert done["answer"] == {"transaction": "20261120-120000-000", "live": NEW}
    assert run.about.told() == END["facts"]
    assert run.states == {"release": "changed"}


def test_an_undo_that_succeeded_at_the_second_try_has_succeeded(slots, attach, journal):
    wrong = {"event": "end", "facts": {"person": "did not come back", "commit": "c"}, "lost": False}
    again = {"event": "end", "facts": {"serves": "old"}, "lost": False}
    for event in (START, wrong, {"event": "phase", "name": "undo"}, again):
        journal.send(event)
    run = slots.run("check")

    assert result(run, attach)["state"] == "done"
    assert run.about.told() == {"commit": "c", "serves": "old"}


def test_one_that_the_lock_has_refused_is_passed_over(slots, attach, journal, operator):
    journal.send(END)
    begun(slots, "20261120-120001-000").send({"event": "locked", "who": "bob"})

    done = result(slots.run("check"), attach)

    assert done["answer"]["transaction"] == "20261120-120000-000"
    assert operator.events() == []


def test_one_that_a_stop_has_ended_before_it_began_is_passed_over(slots, attach, journal):
    journal.send(END)
    begun(slots, "20261120-120001-000")

    done = result(slots.run("check"), attach)

    assert done["answer"]["transaction"] == "20261120-120000-000"


def test_where_every_one_was_refused_there_is_nothing_to_follow(slots, attach, journal):
    journal.send({"event": "locked", "who": "bob"})
    assert result(slots.run("check"), attach)["what"] == "blog has had no transaction yet"


def test_it_goes_when_the_operator_goes(slots, attach, journal, operator):
    slots.systemd.put("flaskwright.transaction.blog.service", "active")
    journal.send(START)
    operator.leave()

    assert result(slots.run("check"), attach)["state"] == "done"


def test_one_that_ended_without_a_word_is_told(slots, attach, journal, monkeypatch):
    monkeypatch.setattr(handover, "PAUSE", 0.0)
    monkeypatch.setattr(handover, "LOOKS", 2)
    journal.send(START)

    failed = result(slots.run("check"), attach)

    assert failed["what"] == "the transaction ended without a word"


def test_one_that_was_cut_off_after_its_commit_has_put_its_release_live(
    slots, attach, journal, monkeypatch
):
    monkeypatch.setattr(handover, "PAUSE", 0.0)
    monkeypatch.setattr(handover, "LOOKS", 2)
    journal.send(START)
    slots.verdicts.add(id="new", verdict="serving", transaction="20261120-120000-000")
    run = slots.run("check")

    failed = result(run, attach)

    assert failed["what"] == "the deploy was cut off on the host after its commit"
    assert run.about.person.startswith("release new is live and stays")


def test_what_follows_the_end_of_a_line_is_read_when_it_is_whole(slots, attach, journal, operator):
    journal.send(START)
    place = slots.state / "transaction" / "journal.jsonl"
    with place.open("a") as file:
        file.write(json.dumps(END))
    slots.systemd.put("flaskwright.transaction.blog.service", "active")
    operator.leave()

    run = slots.run("check")
    result(run, attach)

    assert run.about.told() == {}
