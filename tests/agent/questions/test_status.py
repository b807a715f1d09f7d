"""How an app is, in the words that people ask for."""

import subprocess

import pytest

from flaskwright.agent.app.history import FAILED

from ..slot_host import NEW, OLD, ONE, TWO
from ..support import fields, result


def status(host):
    done = result(host.run("check"), fields("app-status"))
    return done["answer"]


def test_before_the_first_release_there_is_none(slots):
    told = status(slots)

    assert told.pop("now").startswith("20")
    assert told == {"release": "none yet", "last transaction": "none"}


def test_what_is_live_since_when_by_whom_and_what_runs(live):
    live.verdicts.add(id=OLD, verdict="serving", since="yesterday", who="ann@pc")

    told = status(live)

    assert (told["release"], told["commit"]) == (OLD, "aaaaaaa")
    assert (told["since"], told["by"]) == ("yesterday", "ann@pc")
    assert (told["service"], told["processes run"]) == (ONE, OLD)
    assert told["releases kept"] == 2
    assert told["last transaction"] == f"yesterday, serving: release {OLD}, by ann@pc"


def test_a_transaction_that_came_to_no_release_is_told_with_where_it_failed(live):
    said = {"verdict": FAILED, "at": "requirements", "since": "then", "who": "ann@pc"}
    live.verdicts.add(id="", **said)

    told = status(live)["last transaction"]
    assert told == "then, failed at requirements, by ann@pc"


def test_what_runs_need_not_be_what_is_live(live):
    live.releases.switch(NEW)

    assert (status(live)["release"], status(live)["processes run"]) == (NEW, OLD)


def test_two_slots_are_both_named(live):
    live.run().command(["systemctl", "start", TWO])

    assert status(live)["service"] == f"{ONE}, {TWO}"


@pytest.mark.parametrize("state", ["deactivating", "failed", "inactive"])
def test_a_slot_that_has_not_ended_is_told_whatever_systemd_says_of_it(live, state):
    place = live.root / "releases" / NEW / "code"
    left = subprocess.Popen(["sleep", "60"], cwd=place)
    live.systemd.put(TWO, state)
    live.systemd.joins(TWO, left.pid)

    told = status(live)

    assert told["service"] == f"{ONE}, {TWO} ({state}, 1 processes)"
    assert told["processes run"] == f"{OLD}, {NEW}"
    left.kill()
    left.wait()


def test_where_nothing_runs_it_says_so(live):
    live.run().command(["systemctl", "stop", ONE])

    told = status(live)
    assert (told["service"], told["workers"], told["processes run"]) == (
        "does not run",
        0,
        "nothing",
    )


@pytest.mark.parametrize(
    ("unit", "how"), [("active", "is under way"), ("inactive", "was cut off and not undone")]
)
def test_a_transaction_that_is_not_closed_is_told_instead_of_the_last(live, unit, how):
    live.verdicts.add(id=NEW, verdict=FAILED, since="yesterday", who="ann@pc")
    live.begin(id="20261120-120000-000", who="bob@pc")
    live.systemd.put("flaskwright.transaction.blog.service", unit)

    assert status(live)["last transaction"] == f"20261120-120000-000, by bob@pc, {how}"


def test_of_transactions_that_are_closed_the_last_is_told(live):
    live.verdicts.add(id=NEW, verdict=FAILED, since="yesterday", who="ann@pc")

    assert status(live)["last transaction"] == f"yesterday, failed: release {NEW}, by ann@pc"
