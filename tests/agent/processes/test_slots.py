"""The slots of an app as systemd and /proc show them."""

import os
import subprocess
import time

import pytest

from flaskwright.agent.processes.slots import Service
from flaskwright.agent.system.units import start

from ..slot_host import NEW, OLD, ONE, THREE, TWO


@pytest.fixture
def service(slots):
    return Service(slots.run())


def test_where_processes_run_from_is_told_by_their_directory(service, slots):
    places = {OLD: slots.root / "releases" / OLD / "code", "/": "/"}
    started = [subprocess.Popen(["sleep", "60"], cwd=place) for place in places.values()]

    found = [service.release_of(process.pid) for process in started]
    for process in started:
        process.kill()
        process.wait()

    assert found == [OLD, "/"]
    assert service.release_of(started[0].pid) == ""


def test_a_view_tells_workers_from_their_master(service, slots):
    script = "cd /; sleep 60 & echo $!; cd - >/dev/null; sleep 60 & echo $!; exec sleep 60"
    place = slots.root / "releases" / OLD / "code"
    master = subprocess.Popen(["sh", "-c", script], cwd=place, stdout=subprocess.PIPE)
    workers = {int(master.stdout.readline()) for _ in range(2)}
    slots.systemd.put(ONE, "active", master.pid, StatusText="release x")
    slots.systemd.joins(ONE, master.pid, *workers)
    slots.systemd.put("blog.socket", "active")

    view = service.look()

    assert (view.is_listening, view.serving, view.main(ONE)) == (True, [ONE], master.pid)
    assert (view.workers(ONE), view.releases(view.serving)) == (workers, {OLD, "/"})
    assert (view.says(ONE), view.workers(TWO), view.main(TWO)) == ("release x", set(), 0)
    for pid in (master.pid, *workers):
        os.kill(pid, 9)
    master.communicate()


@pytest.mark.parametrize(("place", "counts"), [("/tmp", False), ("releases/" + NEW, True)])
def test_what_a_worker_has_started_counts_where_it_is_in_a_release(service, slots, place, counts):
    start = "sh -c 'cd $0; sleep 60 & echo $!; wait' %s & echo $!; exec sleep 60"
    argv = ["sh", "-c", start % (slots.root / place)]
    at = slots.root / "releases" / OLD / "code"
    master = subprocess.Popen(argv, cwd=at, stdout=subprocess.PIPE)
    worker, started = sorted(int(master.stdout.readline()) for _ in range(2))
    slots.systemd.put(ONE, "active", master.pid)
    slots.systemd.joins(ONE, master.pid, started)

    found = service.look().releases([ONE])

    assert found == ({OLD, NEW} if counts else {OLD})
    for pid in (master.pid, worker, started):
        os.kill(pid, 9)
    master.communicate()


def test_whom_the_app_names_to_systemd_is_not_its_main_process(service, slots):
    master = subprocess.Popen(["sleep", "60"], start_new_session=True)
    time.sleep(0.02)  # a tick of the clock that processes are dated by
    named = subprocess.Popen(["sleep", "60"])
    slots.systemd.put(ONE, "active", named.pid)
    slots.systemd.joins(ONE, master.pid, named.pid)

    view = service.look()

    assert (view.main(ONE), view.is_misled(ONE)) == (master.pid, True)
    for process in (master, named):
        process.kill()
        process.wait()


def test_slots_are_told_with_what_is_left_of_them_in_every_state(service, slots):
    slots.serve(OLD)
    for slot, state in ((TWO, "deactivating"), (THREE, "failed")):
        slots.systemd.put(slot, state)
        slots.systemd.joins(slot, os.getpid())

    view = service.look()

    assert view.told() == [
        ONE, f"{TWO} (deactivating, 1 processes)", f"{THREE} (failed, 1 processes)"
    ]  # fmt: skip
    assert (view.serving, view.ending, view.free) == ([ONE], [TWO, THREE], [])


def test_the_lines_of_the_service_are_those_of_the_app(service, slots):
    told = ["Starting blog@2.service - blog...", "[1] [INFO] Booting worker with pid: 2", "hello"]
    slots.systemd.says(*told, "blog@2.service: Deactivated successfully.")

    assert service.lines() == ["hello"]


def test_an_open_socket_is_left_alone(service, slots):
    slots.systemd.put("blog.socket", "active")

    service.listen(service.look())

    assert slots.systemd.calls() == []


def test_stopping_is_for_the_socket_first_or_it_would_start_a_slot_again(service, slots):
    slots.serve(OLD)
    slots.systemd.put(TWO, "deactivating")
    slots.systemd.put(THREE, "failed")

    service.stop()

    assert slots.systemd.calls() == ["stop blog.socket", f"stop {ONE} {TWO}"]
    assert slots.runs() == {}


def test_a_unit_that_was_started_too_often_is_started_all_the_same(service, slots):
    slots.releases.switch(OLD)
    slots.systemd.tires(TWO)

    start(service.run, TWO)

    assert slots.systemd.calls("reset-failed", "start") == [
        f"start {TWO}",
        f"reset-failed {TWO}",
        f"start {TWO}",
    ]
    assert slots.runs() == {TWO: OLD}


def test_what_does_not_run_is_not_stopped(service, slots):
    service.stop()

    assert slots.systemd.calls() == []
