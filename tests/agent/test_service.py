"""The slots of an app as systemd and /proc show them."""

import os
import subprocess

import pytest

from flaskwright.agent.service import Service
from flaskwright.agent.units import start

from .slot_host import OLD, ONE, THREE, TWO


@pytest.fixture
def service(slots):
    return Service(slots.run(), "blog", str(slots.root))


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
    script = "sleep 60 & echo $!; exec sleep 60"
    place = slots.root / "releases" / OLD / "code"
    master = subprocess.Popen(["sh", "-c", script], cwd=place, stdout=subprocess.PIPE)
    worker = int(master.stdout.readline())
    slots.systemd.put(ONE, "active", master.pid, StatusText="release x")
    slots.systemd.put("blog.socket", "active")

    view = service.look()

    assert (view.is_listening, view.serving, view.main(ONE)) == (True, [ONE], master.pid)
    assert (view.workers(ONE), view.releases()) == ({worker}, {OLD})
    assert (view.says(ONE), view.workers(TWO), view.main(TWO)) == ("release x", set(), 0)
    os.kill(worker, 9)
    master.kill()
    master.communicate()


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
