"""Secrets from the operator's keyring to the app, and to nobody else on the way or afterwards."""

from __future__ import annotations

import base64
import subprocess

import pytest

from .conftest import Live, on
from .leaks import on_the_host, sampled
from .secret_story import Story, break_down, told

pytestmark = on("bookworm")


@pytest.fixture(scope="module")
def story(live: Live) -> Story:
    """Everything that happens to secrets."""
    return told(live, happens)


def happens(story: Story) -> None:
    """Missing, set, push, deploy, nothing to do, failing deploy, rotate, rollback."""
    story.said["missing"] = story.fab("deploy", code=64)
    story.fab("secrets.set", "PLANTED", "host", given="localhost\n")
    story.keep(1)
    story.fab("secrets.diff", code=2)
    story.fab("secrets.push")
    story.fab("--debug", "deploy")
    story.look("deployed")
    story.said["again"] = story.fab("deploy", "--json")
    story.said["run"] = story.fab("run", "python talk.py >&2")
    break_down(story)
    story.keep(2)
    story.said["listed"] = story.fab("secrets.list", "--json")
    story.fab("secrets.rotate", "--dry-run", code=2)
    story.fab("secrets.rotate")
    story.look("rotated")
    story.fab("logs", "-n", "500")
    story.said["rollback"] = story.fab("rollback")
    story.look("back")


def test_a_missing_secret_is_told_with_the_command_that_sets_it(story: Story) -> None:
    said = story.said["missing"]
    assert "has no PLANTED/quotes" in said.err
    assert "secrets.set PLANTED quotes" in said.err


def test_the_app_reads_what_was_set_by_keyring_and_in_its_environment(story: Story) -> None:
    assert story.served["deployed"] == story.digests(1)


def test_a_second_deploy_changes_nothing(story: Story) -> None:
    outcomes = story.said["again"].told(story.live.project.name)["outcomes"]
    assert {outcome["state"] for outcome in outcomes} == {"ok"}


def test_a_rotation_is_seen_and_a_rollback_has_the_older_ones(story: Story) -> None:
    assert story.served["rotated"] == story.digests(2)
    assert story.served["back"] == story.digests(1)
    assert "it has older values of PLANTED/backslash" in story.said["rollback"].err


def test_the_list_tells_what_differs(story: Story) -> None:
    (outcome,) = story.said["listed"].told(story.live.project.name)["outcomes"]
    rows = {row["entry"]: row[""] for row in outcome["answer"]["secrets"]}
    assert rows["PLANTED/long"] == "differs: secrets.rotate"
    assert rows["PLANTED/host"] == "same"


def test_a_command_has_them_too_and_what_it_prints_is_hidden(story: Story) -> None:
    assert story.said["run"].err.count("[hidden]") >= 2 * len(story.planted.values(1))


def test_a_failing_app_is_told_without_them(story: Story) -> None:
    assert "RuntimeError: ['[hidden]" in story.said["failed"].err


def test_nothing_that_was_printed_holds_one(story: Story) -> None:
    assert [name for name, said in story.said.items() if story.planted.in_text(str(said))] == []


def test_no_process_showed_one(story: Story) -> None:
    assert story.seen.where == []
    assert story.seen.rounds > 100


def test_no_file_has_one_but_what_systemd_hands_to_the_service(story: Story) -> None:
    found = on_the_host(story.planted, story.live, story.began)
    assert found
    for path, mode in found:  # the group's bits are the mask of an ACL, in newer versions
        assert path.startswith("/run/credentials/guestbook@"), found
        assert mode & 0o337 == 0, found


def test_a_leak_would_have_been_found(story: Story) -> None:
    mark = story.planted.mark
    with sampled(story.planted, 0) as seen:
        subprocess.run(["sh", "-c", f"sleep 0.3; : {mark}"], check=True)
    assert seen.where == ["argv of sh"]
    with sampled(story.planted, -1) as seen:
        subprocess.run(["sleep", "0.3"], env={"LEAK": base64.b64encode(mark.encode())}, check=True)
    assert "environ of sleep" in seen.where
    story.live.shell(f"echo {mark.encode().hex()} > /tmp/leak; logger -t leak < /tmp/leak")
    found = on_the_host(story.planted, story.live, story.began)
    assert {"/tmp/leak", "journal"} <= {path for path, _ in found}
