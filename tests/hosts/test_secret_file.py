"""Secrets as a file of the app's user, for hosts whose systemd hands none over; and back again."""

from __future__ import annotations

import re

import pytest

from .conftest import Live, on
from .leaks import on_the_host
from .secret_story import Story, break_down, declare, told

pytestmark = on("trixie")

FILE = re.compile("/srv/guestbook/credentials/[0-9a-f]{16}.file/keyring")


@pytest.fixture(scope="module")
def story(live: Live) -> Story:
    """The same day as elsewhere."""
    return told(live, happens, on_host="file")


def happens(story: Story) -> None:
    """Set, deploy, nothing to do, failing deploy, rotate, rollback."""
    story.fab("secrets.set", "PLANTED", "host", given="localhost\n")
    story.keep(1)
    story.fab("--debug", "deploy")
    story.look("deployed")
    story.said["again"] = story.fab("deploy", "--json")
    story.said["run"] = story.fab("run", "python talk.py")
    break_down(story)
    story.keep(2)
    story.fab("secrets.rotate")
    story.look("rotated")
    story.fab("rollback")
    story.look("back")
    story.fab("verify")


def test_the_app_reads_them_all_along(story: Story) -> None:
    assert story.served["deployed"] == story.served["back"] == story.digests(1)
    assert story.served["rotated"] == story.digests(2)
    assert story.said["run"].out.count("[hidden]") >= 2 * len(story.planted.values(1))


def test_a_second_deploy_changes_nothing(story: Story) -> None:
    outcomes = story.said["again"].told(story.live.project.name)["outcomes"]
    assert {outcome["state"] for outcome in outcomes} == {"ok"}


def test_the_files_of_the_app_are_the_only_ones_and_nobody_saw_more(story: Story) -> None:
    found = on_the_host(story.planted, story.live, story.began)
    assert sorted(mode for path, mode in found if FILE.fullmatch(path)) == [0o400] * 2
    assert [path for path, _ in found if not FILE.fullmatch(path)] == []
    assert [name for name, said in story.said.items() if story.planted.in_text(str(said))] == []
    assert (story.seen.where, story.seen.rounds > 500) == ([], True)
    nobody = "sudo -u nobody cat /srv/guestbook/credentials/*/keyring"
    assert story.live.shell(f"{nobody} || echo refused", check=False) == "refused\n"


def test_what_systemd_can_do_better_is_one_release_and_the_files_go(story: Story) -> None:
    live = story.live
    declare(live, keep=1)
    assert "kept: file -> sealed" in live.project.on_host("deploy", "--dry-run").out
    live.deploy()
    story.look("sealed")
    assert story.served["sealed"] == story.digests(2)
    assert "nothing to do" in live.deploy().err
    story.keep(3)
    story.fab("deploy")
    found = on_the_host(story.planted, live, story.began)
    assert {path.partition("@")[0] for path, _ in found} == {"/run/credentials/guestbook"}
