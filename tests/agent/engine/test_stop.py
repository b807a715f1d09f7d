"""A transaction that is asked to stop, at every time at which one can be asked."""

import os
import signal
import threading

import pytest

from flaskwright.agent.system.lock import locked
from flaskwright.agent.transaction import journal, transaction

from ..slot_host import NEW, OLD, TWO
from ..support import file_fields
from ..transactions import is_closed, result_of, run, verdicts


@pytest.fixture
def host(live, process):
    return live


@pytest.mark.parametrize(
    ("timeout", "why"),
    [(1800, "as asked"), (1, "it took longer than `deploy_timeout` in hosts.toml, 1 s")],
)
def test_sigterm_stops_it_safely(host, doing, timeout, why):
    stop = doing(lambda run: signal.raise_signal(signal.SIGTERM))

    told = run(host, host.serving(), stop, facts={"release": NEW}, timeout=timeout)

    result, facts = result_of(told)
    assert (result["what"], result["why"]) == ("stopped", why)
    assert result["next"] == "run the same command again"
    assert (facts["serves"], list(host.runs().values())) == (OLD, [OLD])
    assert is_closed(host)


def test_who_asks_after_the_commit_is_too_late(host, doing):
    late = doing(lambda run: signal.raise_signal(signal.SIGTERM), late=True)

    told = run(host, host.serving(), late, facts={"release": NEW})

    assert result_of(told)[0]["state"] == "changed"
    assert host.runs() == {TWO: NEW}
    assert verdicts(host)[1:] == [(NEW, "serving")]


def test_a_good_release_whose_rollback_is_stopped_stays_good(host, doing):
    for release in (NEW, OLD):
        host.verdicts.add(id=release, commit="c", verdict="serving", since="then", who="me@here")
    stop = doing(lambda run: signal.raise_signal(signal.SIGTERM))

    run(host, host.serving(), stop, facts={"release": NEW})

    assert host.releases.current() == OLD
    assert host.verdicts.good() == [NEW, OLD]


def test_who_asks_for_a_stop_before_it_has_the_lock_is_told(host, doing, monkeypatch):
    monkeypatch.setattr(transaction, "WAIT", 1.0)
    asking = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM))

    with locked([str(host.state / "lock")], "bob@pc", "blog: setup"):
        asking.start()
        told = run(host, doing(lambda run: pytest.fail("it was done")))

    assert result_of(told)[0]["what"] == "stopped"


def test_a_stop_between_two_resources_is_undone_before_it_is_told(host, monkeypatch, tmp_path):
    class Interrupted(journal.Journal):
        def send(self, event):
            super().send(event)
            if event["event"] == "result" and event["id"] == "serving:x":
                signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(transaction, "Journal", Interrupted)
    late = file_fields(tmp_path / "a", "# Flaskwright\n")

    told = run(host, host.serving(), late, facts={"release": NEW})

    assert result_of(told)[0]["what"] == "stopped"
    assert (host.releases.current(), host.pending.read()) == (OLD, {})
    assert result_of(told)[1]["serves"] == OLD
