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
    """Deploy, nothing to do, failing deploy, rotate, rollback."""
    story.put(1)
    story.fab("--debug", "deploy")
    story.look("deployed")
    story.said["again"] = story.fab("deploy", "--json")
    story.said["run"] = story.fab("run", "python talk.py >&2")
    break_down(story)
    story.put(2)
    story.fab("secrets.rotate")
    story.look("rotated")
    story.fab("rollback")
    story.look("back")
    story.fab("verify")


def test_the_app_reads_them_all_along(story: Story) -> None:
    assert story.served["deployed"] == story.served["back"] == story.digests(1)
    assert story.served["rotated"] == story.digests(2)
    assert story.said["run"].err.count("[hidden]") >= 2 * len(story.planted.values(1))


def test_a_second_deploy_changes_nothing(story: Story) -> None:
    outcomes = story.said["again"].told(story.live.project.name)["outcomes"]
    assert {outcome["state"] for outcome in outcomes} == {"ok"}


def test_the_files_of_the_app_are_the_only_ones_and_nobody_saw_more(story: Story) -> None:
    found = dict(on_the_host(story.planted, story.live, story.began))
    assert set(found.values()) == {0o400}
    assert (len(found), [path for path in found if not FILE.fullmatch(path)]) == (2, [])
    assert [name for name, said in story.said.items() if story.planted.in_text(str(said))] == []
    assert (story.seen.where, story.seen.rounds > 100) == ([], True)
    for user, size in (("nobody", "0"), ("www-data", "0"), ("guestbook", "1")):
        read = f"sudo -u {user} head -c 1 {min(found)} 2>/dev/null | wc -c"
        assert story.live.shell(read).strip() == size


def test_what_systemd_can_do_better_is_one_release_and_the_files_go(story: Story) -> None:
    live = story.live
    declare(live, keep=1)
    live.deploy()
    story.look("sealed")
    assert story.served["sealed"] == story.digests(2)
    assert "nothing to do" in live.deploy().err
    story.put(3)
    story.fab("deploy")
    found = on_the_host(story.planted, live, story.began)
    assert {path.partition("@")[0] for path, _ in found} == {"/run/credentials/guestbook"}
