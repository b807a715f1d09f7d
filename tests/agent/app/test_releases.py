"""The releases of an app, and what became of them."""

import os

import pytest

from flaskwright.agent.app.history import FAILED, SERVING, Verdicts
from flaskwright.agent.app.releases import Releases
from flaskwright.agent.system import disk

from ..app_host import AppHost

OLD, NEW = "20261120-100000-aaaaaaa", "20261120-110000-bbbbbbb"


@pytest.fixture
def host(tmp_path, operator):
    host = AppHost(tmp_path, operator)
    for release in (OLD, NEW):
        place = host.root / "releases" / release
        place.mkdir()
        (place / "manifest.json").write_text(f'{{"id": "{release}", "commit": "{release[-7:]}"}}')
    return host


@pytest.fixture
def releases(host):
    return Releases(host.place)


@pytest.fixture
def verdicts(host):
    return Verdicts(host.place)


def test_current_is_one_link_that_is_replaced(host, releases):
    assert releases.current() == ""

    releases.switch(OLD)
    releases.switch(NEW)

    assert releases.current() == NEW
    assert disk.link_target(str(host.root / "current")) == f"releases/{NEW}"
    releases.switch("")
    assert not os.path.lexists(host.root / "current")


def test_what_is_current_needs_no_other_link(host, releases):
    releases.switch(OLD)
    before = os.lstat(host.root / "current").st_ino

    releases.switch(OLD)

    assert os.lstat(host.root / "current").st_ino == before


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
