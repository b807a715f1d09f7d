"""Which slot starts, in which release, and what becomes of the others; with real processes."""

import subprocess

import pytest

from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.system import memory
from flaskwright.agent.system.units import units_state
from flaskwright.agent.transaction import cutover as cutover_module
from flaskwright.agent.transaction.cutover import CutOver

from ..slot_host import NEW, OLD, ONE, THREE, TWO


def cutover(slots, how="auto", drain=5):
    return CutOver(slots.run(), how, drain)


RESTARTS = [f"restart --no-block {ONE}", f"start {ONE}"]


@pytest.fixture
def survivor(slots):
    """Start a process in a release that nobody asks to end."""
    started = []

    def start(release):
        place = slots.root / "releases" / release / "code"
        started.append(subprocess.Popen(["sleep", "60"], cwd=place))
        return started[-1].pid

    yield start
    for process in started:
        process.kill()
        process.wait()


def is_tidy(slots):
    """Whether nothing is left of a cut-over: no link to a release, no unit of its own."""
    links = list(slots.slash_run.glob("*.next"))
    return not links and not list(slots.slash_run.rglob("*.service"))


def test_the_first_release_starts_in_the_first_slot_behind_its_socket(slots):
    cutover(slots).to(OLD)

    assert slots.runs() == {ONE: OLD}
    assert slots.releases.current() == OLD
    assert slots.systemd.calls("start") == ["start blog.socket", f"start {ONE}"]
    assert is_tidy(slots)


def test_another_release_starts_beside_the_old_one_which_is_stopped_without_waiting(slots):
    slots.serve(OLD)

    cutover(slots).to(NEW)

    assert slots.runs() == {TWO: NEW}
    assert slots.releases.current() == NEW
    assert slots.systemd.calls() == [f"start {TWO}", f"stop --no-block {ONE}"]
    assert is_tidy(slots)


def test_while_it_starts_boot_and_crash_still_mean_the_old_release(slots):
    slots.serve(OLD)
    seen = []
    cut = cutover(slots)
    cut.releases.switch = lambda release: seen.append((slots.runs(), slots.releases.current()))

    cut.to(NEW)

    assert seen == [({ONE: OLD, TWO: NEW}, OLD)]


def test_a_slot_that_still_answers_old_requests_is_not_used(slots):
    slots.serve(OLD, THREE)
    slots.systemd.put(ONE, "deactivating")

    cutover(slots).to(NEW)

    assert slots.runs() == {TWO: NEW}


def test_a_failed_slot_is_free(slots):
    slots.systemd.put(ONE, "failed")

    cutover(slots).to(OLD)

    assert slots.runs() == {ONE: OLD}


def test_two_slots_that_serve_are_both_replaced(slots):
    slots.serve(OLD, ONE)
    slots.serve(OLD, THREE)

    cutover(slots).to(NEW)

    assert slots.runs() == {TWO: NEW}


def test_restart_ends_the_old_processes_first(slots):
    slots.serve(OLD)

    cutover(slots, "restart").to(NEW)

    assert slots.runs() == {ONE: NEW}
    assert slots.systemd.calls() == RESTARTS
    assert is_tidy(slots)


def test_of_two_slots_that_serve_one_is_restarted_and_the_other_ends(slots):
    slots.serve(OLD, ONE)
    slots.serve(OLD, THREE)

    cutover(slots, "restart").to(NEW)

    assert slots.runs() == {ONE: NEW}


def test_without_memory_for_both_it_restarts_and_says_so(slots, operator, monkeypatch):
    slots.serve(OLD)
    monkeypatch.setattr(memory, "MARGIN", float("inf"))

    cutover(slots).to(NEW)

    assert slots.systemd.calls() == RESTARTS
    (notice,) = [event for event in operator.events() if event["event"] == "notice"]
    assert notice["text"].startswith("restarts the app: there is no memory")


def test_where_nothing_serves_there_is_nothing_to_restart(slots):
    cutover(slots, "restart").to(NEW)

    assert slots.systemd.calls("start", "restart") == ["start blog.socket", f"start {ONE}"]


def test_a_slot_that_does_not_end_in_time_is_killed_where_no_other_is_free(slots, survivor):
    slots.serve(OLD)
    slots.systemd.put(TWO, "deactivating", survivor(OLD))
    slots.systemd.slows(TWO)  # it has systemd wait
    slots.systemd.put(THREE, "failed")
    slots.systemd.joins(THREE, survivor(OLD))

    cut = cutover(slots, drain=-10)
    cut.to(NEW)

    assert slots.runs() == {TWO: NEW}
    assert cut.service.look().occupied == [TWO]


def test_where_every_slot_serves_one_is_restarted(slots):
    for slot in (ONE, TWO, THREE):
        slots.serve(OLD, slot)

    cutover(slots, drain=-10).to(NEW)

    assert slots.runs() == {ONE: NEW}


def test_without_a_free_slot_a_person_can_wait(slots):
    for slot in (ONE, TWO, THREE):
        slots.systemd.put(slot, "activating")

    with pytest.raises(Failed, match="no slot is free") as failed:
        cutover(slots, drain=-10).to(NEW)

    assert failed.value.next.startswith("wait until they have started or ended")


def test_a_slot_that_does_not_start_leaves_the_old_one_serving(slots):
    slots.serve(OLD)
    slots.systemd.breaks(NEW)

    with pytest.raises(Failed, match=f"{TWO} does not start"):
        cutover(slots).to(NEW)

    assert slots.runs() == {ONE: OLD}
    assert slots.releases.current() == OLD
    gave_up = [f"stop {TWO}", f"reset-failed {TWO}"]  # systemd would start it with `current`
    assert slots.systemd.calls("stop", "reset-failed")[-2:] == gave_up
    assert is_tidy(slots)


def test_a_restart_that_fails_brings_the_old_release_back(slots):
    slots.serve(OLD)
    slots.systemd.breaks(NEW)

    with pytest.raises(Failed, match=f"{ONE} does not start"):
        cutover(slots, "restart").to(NEW)

    assert slots.runs() == {ONE: OLD}
    assert slots.releases.current() == OLD


def test_a_slot_starts_by_the_unit_of_its_own_release(slots):
    slots.make("20261120-120000-ccccccc", unit="[Service]\nUMask=0027\n")
    slots.serve(OLD)
    seen, cut = [], cutover(slots)
    own = slots.runtime / TWO
    cut.releases.switch = lambda release: seen.append(own.read_text())

    cut.to("20261120-120000-ccccccc")

    assert seen == ["[Service]\nUMask=0027\n"]
    reload, *between, again = slots.systemd.calls()
    assert (reload, again) == ("daemon-reload", "daemon-reload")
    assert between == [f"start {TWO}", f"stop --no-block {ONE}"]
    assert is_tidy(slots)


def test_its_own_unit_is_gone_when_it_does_not_start_by_it(slots):
    slots.make("20261120-120000-ccccccc", unit="[Service]\nUMask=0027\n")
    slots.serve(OLD)
    slots.systemd.breaks("20261120-120000-ccccccc")

    with pytest.raises(Failed):
        cutover(slots).to("20261120-120000-ccccccc")

    assert is_tidy(slots)
    assert slots.systemd.calls()[-2:] == ["daemon-reload", f"stop {TWO}"]


def test_the_old_release_is_brought_back_by_its_own_unit(slots):
    slots.make("20261120-120000-ccccccc", unit="[Service]\nUMask=0027\n")
    slots.serve(OLD)
    slots.systemd.breaks("20261120-120000-ccccccc")

    with pytest.raises(Failed):
        cutover(slots, "restart").to("20261120-120000-ccccccc")

    assert slots.runs() == {ONE: OLD}
    assert slots.systemd.calls() == ["daemon-reload", *RESTARTS] * 2


def test_what_runs_is_stopped_before_a_socket_that_is_not_open(slots):
    slots.serve(OLD)
    slots.systemd.put("blog.socket", "inactive")

    cutover(slots).to(NEW)

    assert slots.systemd.calls()[:2] == [f"stop {ONE}", "start blog.socket"]
    assert slots.runs() == {TWO: NEW}


def test_the_commit_waits_for_slots_that_stop(slots, survivor):
    slots.systemd.put(ONE, "deactivating", survivor(OLD))

    cutover(slots).wait_for_others()
    assert (slots.systemd.state(ONE), slots.systemd.calls("stop")) == ("inactive", [f"stop {ONE}"])

    cutover(slots).wait_for_others()
    assert len(slots.systemd.calls("stop")) == 1


def test_a_long_wait_is_told_and_ends_by_force(slots, survivor, monkeypatch):
    monkeypatch.setattr(cutover_module, "SOON", 0.05)
    slots.systemd.put(ONE, "deactivating", survivor(OLD))
    slots.systemd.slows(ONE)

    cut = cutover(slots, drain=-1.9)
    cut.wait_for_others()

    assert [event["event"] for event in slots.operator.events()] == ["progress"]
    assert slots.systemd.state(ONE) == "inactive"
    assert cut.service.look().occupied == []


@pytest.mark.parametrize("state", ["inactive", "failed"])
def test_what_is_left_in_a_slot_that_has_ended_for_systemd_is_killed(slots, survivor, state):
    slots.serve(OLD)
    slots.systemd.put(TWO, state)
    slots.systemd.joins(TWO, survivor(NEW))

    cut = cutover(slots)
    assert cut.service.look().releases([ONE, TWO]) == {OLD, NEW}
    cut.wait_for_others()

    assert cut.service.look().occupied == [ONE]


def test_a_slot_that_starts_is_not_one_that_is_to_end(slots, survivor):
    slots.systemd.put(ONE, "activating", survivor(OLD))

    cut = cutover(slots)
    cut.wait_for_others()

    assert cut.service.look().occupied == [ONE]


def test_the_state_of_several_units_comes_in_their_order(slots):
    slots.systemd.put(TWO, "failed", StatusText="a = b")

    shown = units_state(slots.run(), [ONE, TWO, "blog.socket"])

    assert list(shown) == [ONE, TWO, "blog.socket"]
    assert [each["ActiveState"] for each in shown.values()] == ["inactive", "failed", "inactive"]
    assert shown[TWO]["StatusText"] == "a = b"
    assert shown[ONE]["MainPID"] == ""
