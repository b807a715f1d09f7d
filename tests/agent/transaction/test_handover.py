"""A plan handed over to a process of its own, which needs nobody, and followed to its end."""

import sys
import time

import pytest

from flaskwright.agent.common.frames import STOP
from flaskwright.agent.engine.errors import Failed, Stopped
from flaskwright.agent.system.lock import Held
from flaskwright.agent.transaction import handover
from flaskwright.agent.transaction.journal import events
from flaskwright.agent.transaction.reserve import Reserve

from ..slot_host import NEW, OLD, TWO
from ..support import fields, file_fields, full, names

OURS = "# Flaskwright\n"


@pytest.fixture
def host(live, monkeypatch):
    """A host whose agent, once it is on the disk, finds the same systemd and /run."""
    live.laid(monkeypatch)
    monkeypatch.setattr(handover, "PAUSE", 0.005)
    return live


def started(host, *resources, **more):
    """Start a transaction; gives the run that follows it."""
    run = host.run()
    handover.start(run, host.plan(*resources, **more))
    return run


def followed(host, run):
    handover.follow(run)
    return host.operator.events()


def until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def under_way(host, *resources, **more):
    """Start a transaction up to a resource that takes very long; gives the run that follows it."""
    host.systemd.put("slow.service", "inactive")
    host.systemd.slows("slow.service")
    unit = fields("unit", unit="slow.service", running=True, enabled=None, fresh=None)
    run = started(host, *resources, unit, **more)
    until(lambda: "start slow.service" in host.systemd.calls())
    return run


def test_only_we_may_look_at_its_plan(host, tmp_path, monkeypatch):
    monkeypatch.setattr(handover, "_systemd_run", lambda *given: ["true"])
    started(host, file_fields(tmp_path / "a", OURS))

    place = host.state / "transactions" / "20261120-120000-000"
    modes = {path.name: path.lstat().st_mode & 0o777 for path in (place, *place.iterdir())}
    assert modes["plan.json"] == modes["journal.jsonl"] == 0o600
    assert modes[place.name] == 0o700


def test_what_systemd_does_not_start_leaves_neither_its_plan_nor_a_reserve(host, monkeypatch):
    monkeypatch.setattr(handover, "_systemd_run", lambda *given: ["false"])
    with pytest.raises(Failed):
        started(host)

    assert not list(host.state.glob("**/plan.json"))
    assert not (host.state / ".reserve").exists()


def test_a_full_disk_is_found_before_anything_is_started(host, monkeypatch):
    monkeypatch.setattr(Reserve, "take", full)
    with pytest.raises(OSError, match="No space left"):
        started(host)

    assert not list(host.state.glob("**/plan.json"))


def test_a_plan_is_done_by_a_process_of_its_own(host, tmp_path):
    run = started(host, file_fields(tmp_path / "a", OURS), facts={"commit": "c"})
    told = followed(host, run)

    assert [event["event"] for event in told] == ["start", "result", "phase"]
    assert (told[0]["n"], told[0]["of"], told[1]["state"]) == (3, 3, "changed")
    assert run.about.told() == {"commit": "c"}
    assert run.states == {f"file:{tmp_path}/a": "changed"}
    assert (tmp_path / "a").read_text() == OURS
    until(lambda: not handover.is_running(run))
    assert (host.systemd.directory / "said").read_text().split() == ["commit"]


def test_it_is_a_unit_with_a_limit_and_a_way_to_recover(host, tmp_path):
    run = started(host, file_fields(tmp_path / "a", OURS), timeout=77)

    asked = host.systemd.runs()
    assert {"--unit=flaskwright.transaction.blog", "--collect"} < set(asked)
    assert "--property=RuntimeMaxSec=77" in asked
    assert "--property=TimeoutStopSec=315" in asked  # with the plan's `drain` of 5
    assert "--description=Flaskwright: blog: deploy" in asked
    (recover,) = [word for word in asked if "ExecStopPost" in word]
    for left in ("pending.json", "transaction/plan.json"):
        assert f"[ ! -e {host.state}/{left} ]" in recover
    assert f" || exec {sys.executable} -I" in recover
    followed(host, run)


def test_the_way_to_the_internet_goes_along(host, tmp_path, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    run = started(host, file_fields(tmp_path / "a", OURS))

    assert "--setenv=https_proxy=http://proxy.test:3128" in host.systemd.runs()
    followed(host, run)


def test_what_failed_in_it_failed_here(host, tmp_path):
    bad = file_fields(tmp_path / "a", OURS, owner="nobody-of-that-name")
    run = started(host, bad, facts={"release": NEW})
    told = followed(host, run)

    assert told[1]["what"] == "there is no user nobody-of-that-name on this host"
    assert run.about.serves == OLD
    assert "failed" in run.states.values()


def test_who_goes_leaves_it_to_the_host(host, operator):
    run = under_way(host)
    operator.leave()
    handover.follow(run)

    assert handover.is_running(run)
    host.systemd.hurries()
    until(lambda: not handover.is_running(run))
    last = list(events(str(host.state / "transaction" / "journal.jsonl")))[-1]
    assert last["event"] == "end"


def test_the_wish_to_stop_reaches_it(host, operator):
    run = under_way(host)
    operator.say(STOP)
    told = followed(host, run)

    assert [event["event"] for event in told] == ["start", "result", "phase"]
    assert (told[1]["what"], told[1]["why"]) == ("stopped", "as asked")
    assert run.about.told() == {"serves": OLD}
    assert not run.wire.stopping


def test_what_was_killed_is_recovered_and_followed_to_its_end(host):
    run = under_way(host)
    host.systemd.kill("flaskwright.transaction.blog.service")
    told = followed(host, run)

    assert told[-1]["what"] == "the deploy was cut off on the host"
    assert run.about.told() == {"serves": OLD}
    assert host.pending.read() == {}


def test_what_was_killed_after_the_switch_is_undone(host):
    run = under_way(host, facts={"release": NEW})
    host.pending.note(release=NEW, before=OLD, switched=True)
    host.releases.switch(NEW)
    host.run().command(["systemctl", "start", TWO])
    host.systemd.kill("flaskwright.transaction.blog.service")
    followed(host, run)

    assert list(host.runs().values()) == [OLD]
    assert host.releases.current() == OLD


def test_one_that_ends_without_a_word_is_a_mistake_of_ours(host, monkeypatch):
    monkeypatch.setattr(handover, "LOOKS", 2)
    host.systemd.says("TypeError: oops")
    run = started(host, locks=None)

    with pytest.raises(Failed, match="ended without a word") as failed:
        followed(host, run)

    assert failed.value.log[-1] == "TypeError: oops"


def test_one_that_a_stop_has_ended_before_it_began_is_no_mistake(host, monkeypatch):
    monkeypatch.setattr(handover, "LOOKS", 2)
    run = started(host, locks=None)
    host.operator.say(STOP)

    with pytest.raises(Stopped, match="stopped"):
        followed(host, run)


def test_the_last_journals_stay(host, tmp_path):
    for number in range(handover.REMEMBERED + 5):
        (host.state / "transactions" / f"20260101-{number:06}-000").mkdir(parents=True)
    run = started(host, file_fields(tmp_path / "a", OURS))
    followed(host, run)

    left = names(host.state / "transactions")
    assert len(left) == handover.REMEMBERED
    assert left[-1] == "20261120-120000-000"
    assert (host.state / "transaction").resolve().name == left[-1]


def test_its_own_journal_stays_where_the_clock_was_set_back(host, tmp_path):
    for number in range(handover.REMEMBERED + 5):
        (host.state / "transactions" / f"20270101-{number:06}-000").mkdir(parents=True)
    run = started(host, file_fields(tmp_path / "a", OURS))

    followed(host, run)

    assert (tmp_path / "a").exists()
    assert (host.state / "transaction" / "journal.jsonl").exists()


def test_the_agents_that_earlier_versions_kept_for_each_app_go(host, tmp_path):
    (host.state / "agent" / "of-yesterday" / "agent").mkdir(parents=True)

    followed(host, started(host, file_fields(tmp_path / "a", OURS)))

    assert not (host.state / "agent").exists()
    assert (host.state / "transaction" / "agent").resolve().parent.name == "host.agent"


def test_one_that_is_under_way_is_not_disturbed_by_another(host, tmp_path):
    first = under_way(host)
    agents = names(host.state.parent / "host.agent")

    with pytest.raises(Held):
        started(host, file_fields(tmp_path / "a", OURS), id="20261120-120001-000")

    last = (host.state / "transaction").resolve().name
    host.systemd.kill("flaskwright.transaction.blog.service")
    until(lambda: not handover.is_running(first))
    assert (last, names(host.state.parent / "host.agent")) == ("20261120-120000-000", agents)
