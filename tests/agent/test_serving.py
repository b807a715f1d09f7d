"""The switch between releases; systemd's part of it is tested on real hosts."""

import os
import subprocess
import time

import pytest

from flaskwright.agent import disk
from flaskwright.agent.releases import Releases
from flaskwright.agent.service import Service
from flaskwright.agent.verdicts import FAILED, SERVING, Verdicts

from .app_host import AppHost
from .support import fields, handler, result

OLD, NEW = "20261120-100000-aaaaaaa", "20261120-110000-bbbbbbb"


@pytest.fixture
def host(tmp_path, operator):
    host = AppHost(tmp_path, operator)
    for release in (OLD, NEW):
        place = host.root / "releases" / release
        (place / "code").mkdir(parents=True)
        (place / "manifest.json").write_text(f'{{"id": "{release}", "commit": "{release[-7:]}"}}')
    return host


@pytest.fixture
def releases(host):
    return Releases(str(host.root))


@pytest.fixture
def verdicts(host):
    return Verdicts(str(host.state))


def serving(host):
    more = {"health": "/", "host_header": "blog.test", "timeout": 1800}
    return fields("serving", app_root=str(host.root), app="no-such-app", **more)


def test_current_is_one_link_that_is_replaced(host, releases):
    assert releases.current() == ""

    releases.switch(OLD)
    releases.switch(NEW)

    assert releases.current() == NEW
    assert disk.link_target(str(host.root / "current")) == f"releases/{NEW}"
    releases.switch("")
    assert not os.path.lexists(host.root / "current")


def test_a_link_to_what_is_no_release_is_no_release(host, releases):
    (host.root / "current").symlink_to("releases/none")

    assert releases.current() == ""


def test_releases_are_listed_newest_first_without_those_in_the_making(host, releases):
    (host.root / "releases" / ".20261120-120000-ccccccc.tmp").mkdir()

    assert releases.ids() == [NEW, OLD]


def test_a_manifest_that_is_not_there_is_empty(releases):
    assert releases.manifest("none") == releases.manifest("") == {}
    assert releases.manifest(OLD)["commit"] == "aaaaaaa"


def test_verdicts_are_remembered_in_the_order_of_their_last_time(verdicts):
    assert verdicts.served() == []

    for release, verdict in ((OLD, SERVING), (NEW, SERVING), ("bad", FAILED), (OLD, SERVING)):
        verdicts.add(id=release, verdict=verdict)

    assert verdicts.served() == [NEW, OLD]


@pytest.mark.parametrize(
    ("live", "served", "release", "before"),
    [
        ("", [], NEW, ""),
        (OLD, [OLD], NEW, OLD),
        (OLD, [], NEW, OLD),  # not of our making, but what is served
        (NEW, [OLD], NEW, OLD),  # a run was cut off after the switch
        (NEW, [OLD, NEW], NEW, NEW),  # it served, and does not now
        ("", [OLD, "removed"], NEW, OLD),
    ],
)
def test_the_release_to_go_back_to(host, releases, verdicts, live, served, release, before):
    releases.switch(live)
    for one in served:
        verdicts.add(id=one, verdict=SERVING)

    assert handler(host.run(), serving(host))._before(release) == before


def test_a_dry_run_waits_for_the_release(host):
    dry = host.run("check")
    dry.facts["release"] = ""

    waiting = result(dry, serving(host))

    assert (waiting["state"], waiting["note"]) == ("would run", "after the release is made")


def test_where_processes_run_from_is_told_by_their_directory(host):
    service = Service(host.run(), "blog", str(host.root))
    script = "(cd ../../%s/code && exec sleep 60) & exec sleep 60"
    main = subprocess.Popen(
        ["sh", "-c", script % NEW], cwd=host.root / "releases" / OLD / "code", process_group=0
    )
    deadline = time.monotonic() + 5
    while service.releases_of(main.pid) != {OLD, NEW} and time.monotonic() < deadline:
        time.sleep(0.05)

    assert service.releases_of(main.pid) == {OLD, NEW}
    os.killpg(main.pid, 9)
    main.wait()
    elsewhere = subprocess.Popen(["sleep", "60"], cwd="/")
    assert service.releases_of(elsewhere.pid) == {"/"}
    elsewhere.kill()
    elsewhere.wait()
