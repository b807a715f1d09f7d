"""The way back, of a transaction that failed and of one that a power cut has ended."""

import pytest

from flaskwright.agent.app.history import Verdicts
from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.transaction import undo as undoing
from flaskwright.agent.transaction.reserve import Reserve
from flaskwright.agent.transaction.undo import undo, undo_at_boot
from flaskwright.agent.venvs import builder

from ..slot_host import CANARY, NEW, OLD, ONE, TWO
from ..support import full, names
from ..transactions import verdicts


@pytest.fixture
def host(live):
    return live


def cut_off(host, **more):
    """Have a transaction open that has put NEW live."""
    host.begin(release=NEW, before=OLD, switched=True, **more)
    host.releases.switch(NEW)


def boot(host):
    """What a power cut leaves: no process, no unit, nothing below /run."""
    host.systemd.stop()
    for unit in (host.systemd.directory / "units").iterdir():
        unit.unlink()
    undo_at_boot(host.run())


@pytest.mark.parametrize("way", [undo, undo_at_boot])
def test_without_a_transaction_there_is_nothing_to_undo(host, operator, way):
    way(host.run())

    assert host.systemd.calls() == []
    assert operator.events() == []
    assert host.releases.current() == OLD


def test_at_boot_current_names_the_release_from_before_and_nothing_is_started(host):
    cut_off(host)

    boot(host)

    assert host.releases.current() == OLD
    assert verdicts(host)[1:] == [(NEW, "failed")]
    assert host.verdicts.lines()[-1]["commit"] == "bbbbbbb"
    assert host.verdicts.lines()[-1]["who"] == "me@here"
    assert host.pending.read() == {}
    assert host.systemd.calls() == ["daemon-reload"]


@pytest.mark.parametrize(
    "more",
    [
        {"release": NEW, "before": OLD},  # cut off in the canary
        {"release": NEW, "before": OLD, "switched": True},  # before the rename
        {},  # before there was a release
    ],
)
def test_at_boot_what_was_not_switched_stays(host, more):
    host.begin(**more)

    boot(host)

    assert host.releases.current() == OLD
    assert host.systemd.calls() == []
    assert host.pending.read() == {}
    assert verdicts(host)[1:] == [(NEW if more else "", "failed")]


def test_at_boot_a_release_that_is_gone_is_not_gone_back_to(host):
    cut_off(host)
    (host.root / "releases" / OLD / "manifest.json").unlink()

    boot(host)

    assert host.releases.current() == NEW


def test_a_release_that_served_before_has_not_failed(host):
    host.begin(release=OLD, before=OLD, switched=True)

    boot(host)

    assert verdicts(host) == [(OLD, "serving"), ("", "failed")]
    assert host.verdicts.good() == [OLD]


def test_what_a_transaction_that_was_killed_has_left_is_swept(host):
    host.begin(release=NEW, before=OLD)
    half = host.root / "releases" / f".{NEW}.tmp" / "code"
    half.mkdir(parents=True)
    for name in (f"{CANARY}.service", f"{CANARY}.socket", TWO):
        (host.runtime / name).write_text("")
    others = [host.slash_run / "other@1.next", host.runtime / "other@1.service"]
    for link in (*others, host.slash_run / "blog@2.next", host.slash_run / f"{CANARY}.next"):
        link.symlink_to(half)

    undo(host.run())

    left = [path for path in host.slash_run.rglob("*") if path.suffix in (".next", ".service")]
    assert sorted(left) == sorted(others)
    assert not half.parent.exists()
    assert f"stop {CANARY}.socket {CANARY}.service" in host.systemd.calls()
    assert "daemon-reload" in host.systemd.calls()


@pytest.mark.parametrize("way", [undo, undo_at_boot])
def test_half_an_environment_goes_after_the_end_of_what_makes_it(host, monkeypatch, way):
    ended = []
    monkeypatch.setattr(
        builder.Builder, "end", lambda builder: ended.append(builder.run.place.root)
    )
    whole, half, named = (host.root / "venvs" / name for name in ("whole", "half", "named"))
    for place in (whole, half, named):
        (place / "bin").mkdir(parents=True)
    (whole / ".complete").write_text("{}")
    (host.root / "releases" / OLD / "manifest.json").write_text('{"venv": "named", "commit": ""}')
    host.begin(release=NEW, before=OLD)

    way(host.run())

    assert ended == [str(host.root)]
    assert (whole.exists(), half.exists(), named.exists()) == (True, False, True)


def test_it_has_the_room_that_was_kept_for_it(host, monkeypatch):
    host.begin(release=NEW, before=OLD)
    seen = []
    monkeypatch.setattr(undoing.canary, "sweep", lambda run, name: seen.extend(names(host.state)))

    with Reserve(str(host.state)):
        undo(host.run())

    assert "pending.json" in seen
    assert ".reserve" not in seen


@pytest.mark.parametrize("way", [undo, undo_at_boot])
def test_an_audit_without_room_stops_no_undo(host, operator, monkeypatch, way):
    host.begin(release=NEW, before=OLD)
    monkeypatch.setattr(Verdicts, "add", full)

    way(host.run())

    assert host.pending.read() == {}
    assert "No space left" in operator.events()[-1]["text"]


def test_before_the_switch_the_slots_are_left_alone(host, operator):
    host.begin(release=NEW, before=OLD)
    old = host.systemd.main(ONE)

    undo(host.run())

    assert (host.runs(), host.systemd.main(ONE)) == ({ONE: OLD}, old)
    assert host.pending.read() == {}
    assert verdicts(host)[1:] == [(NEW, "failed")]
    assert [event["name"] for event in operator.events()] == ["undo"]


@pytest.mark.parametrize("more", [{}, {"release": NEW, "before": ""}])
def test_before_the_switch_nothing_is_started_nor_stopped(host, more):
    host.begin(**more)
    host.run().command(["systemctl", "stop", ONE])

    undo(host.run())

    assert host.runs() == {}
    assert host.systemd.state("blog.socket") == "active"
    assert host.releases.current() == OLD


def test_after_the_switch_the_release_from_before_serves_again(host):
    cut_off(host)
    host.releases.switch(OLD)
    host.run().command(["systemctl", "stop", ONE])
    host.releases.switch(NEW)
    host.run().command(["systemctl", "start", TWO])

    undo(host.run())

    assert host.runs() == {ONE: OLD}
    assert host.releases.current() == OLD
    assert host.pending.read() == {}
    assert verdicts(host)[1:] == [(NEW, "failed")]


def test_two_slots_of_both_releases_become_one_of_the_old(host):
    cut_off(host)
    host.run().command(["systemctl", "start", TWO])

    undo(host.run())

    assert list(host.runs().values()) == [OLD]
    assert host.releases.current() == OLD


def test_where_the_old_one_serves_alone_nothing_is_started(host):
    cut_off(host)
    host.releases.switch(OLD)

    undo(host.run())

    assert host.systemd.calls("start", "restart") == []
    assert host.runs() == {ONE: OLD}


def test_a_start_that_outlives_whoever_was_killed_is_ended(host):
    cut_off(host)
    host.releases.switch(OLD)
    host.systemd.put(TWO, "activating")

    undo(host.run())

    assert host.systemd.state(TWO) == "inactive"
    assert host.runs() == {ONE: OLD}


def test_it_fails_where_the_release_from_before_does_not_come_up(host):
    cut_off(host)
    host.systemd.breaks(OLD)

    with pytest.raises(Failed, match=f"{TWO} does not start"):
        undo(host.run())


@pytest.fixture
def first(slots):
    """A host whose first release was put live just now."""
    slots.begin(release=NEW, before="", switched=True)
    slots.releases.switch(NEW)
    run = slots.run()
    run.command(["systemctl", "start", "blog.socket"])
    run.command(["systemctl", "start", ONE])
    return slots


def test_a_first_release_is_stopped_and_nothing_serves(first):
    undo(first.run())

    assert first.runs() == {}
    assert first.systemd.state("blog.socket") == "inactive"
    assert first.releases.current() == ""
    assert verdicts(first) == [(NEW, "failed")]


def test_at_boot_a_first_release_that_was_not_committed_is_not_live(first):
    boot(first)

    assert first.releases.current() == ""
    assert verdicts(first) == [(NEW, "failed")]


@pytest.mark.parametrize("way", [undo, undo_at_boot])
def test_a_first_release_whose_site_is_enabled_stays_for_nginx_to_have_its_site(first, way):
    enabled = first.etc_nginx / "sites-enabled" / "blog"
    enabled.parent.mkdir(parents=True)
    enabled.symlink_to("../sites-available/blog")

    way(first.run())

    assert first.runs() == {ONE: NEW}
    assert first.releases.current() == NEW
    assert verdicts(first) == [(NEW, "failed")]
