"""Secrets from the operator's keyring to the app, and to nobody else on the way or afterwards."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import time
from dataclasses import dataclass, field

import pytest

from .conftest import Live, on
from .leaks import Planted, Seen, on_the_host, sampled
from .project import Said
from .visitor import page

pytestmark = on("bookworm")

ROUTES = """

import hashlib
import json
import os

import keyring

NAMES = ["quotes", "newline", "dollar", "backslash", "unicode", "long", "base64"]


@app.get("/secrets")
def secrets():
    found = {name: keyring.get_password("PLANTED", name) for name in NAMES}
    found["env"] = os.environ["FROM_KEYRING"]
    told = {name: hashlib.sha256(value.encode()).hexdigest() for name, value in found.items()}
    return json.dumps({**told, "host": keyring.get_password("PLANTED", "host")})
"""
TALKATIVE = """

import logging
import sys

for name in NAMES:
    print("out", keyring.get_password("PLANTED", name), flush=True)
    print("err", repr(keyring.get_password("PLANTED", name)), file=sys.stderr)
    logging.getLogger("app").error("log %s", keyring.get_password("PLANTED", name))
raise RuntimeError([keyring.get_password("PLANTED", name) for name in NAMES])
"""
HOOK = """
import keyring, sys
for name in ["quotes", "newline", "dollar", "backslash", "unicode", "long", "base64"]:
    print(keyring.get_password("PLANTED", name), repr(keyring.get_password("PLANTED", name)))
"""


@dataclass
class Story:
    """A day of an app with secrets: what was planted, said, served, seen."""

    planted: Planted
    live: Live
    began: float
    said: dict[str, Said] = field(default_factory=dict)
    served: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)

    def fab(self, *arguments: str, code: int = 0, given: str | None = None) -> Said:
        """Run `./fab`, and keep what it says under its number."""
        said = self.live.project.fab("-H", self.live.project.name, *arguments, given=given)
        self.said[f"{len(self.said)} {' '.join(arguments)}"] = said
        assert said.code == code, str(said)
        return said

    def keep(self, generation: int) -> None:
        """Put a value of each sort into the operator's store: of a file, some typed in anew."""
        file = self.live.project.directory / ".env"
        values = self.planted.values(generation)
        quoted = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
        file.write_text("".join(f"PLANTED_{n.upper()}={quoted[n]}\n" for n in quoted))
        self.fab("secrets.import", str(file))
        file.unlink()
        for username in ("newline", "long"):
            self.fab("secrets.set", "PLANTED", username, given=values[username] + "\n")

    def look(self, name: str) -> None:
        """Ask the app what it has read."""
        self.served[name] = json.loads(page(self.live.address, "/secrets"))

    def digests(self, generation: int) -> dict[str, str]:
        """Return what the app should have said."""
        values = self.planted.values(generation)
        told = {name: hashlib.sha256(value.encode()).hexdigest() for name, value in values.items()}
        return {**told, "env": told["quotes"], "host": "localhost"}


@pytest.fixture(scope="module")
def story(live: Live) -> Story:
    """Everything that happens to secrets, with a look at all processes each 10 ms."""
    told = Story(Planted(), live, time.time())
    app = int(live.shell("id -u guestbook"))
    prepare(live)
    with sampled(told.planted, app) as told.seen:
        happens(told)
    return told


def prepare(live: Live) -> None:
    live.project.declare(
        host={"keyring": {"file": "secrets.json"}},
        secrets=[f"PLANTED/{name}" for name in Planted().values(1)],
        plain=["PLANTED/host"],
        env={"DATABASE": "{shared}/guestbook.db", "FROM_KEYRING": "secret:PLANTED/quotes"},
        hooks={"before_switch": "python talk.py", "after_commit": "python talk.py"},
    )
    (live.project.app / "requirements.txt").write_text("flask>=3.0\nkeyring\n")
    (live.project.app / "talk.py").write_text(HOOK)
    text = (live.project.app / "app.py").read_text()
    live.project.add("app.py", text + ROUTES)


def happens(told: Story) -> None:
    """Missing, set, push, deploy, nothing to do, failing deploy, rotate, rollback."""
    told.said["missing"] = told.fab("deploy", code=64)
    told.fab("secrets.set", "PLANTED", "host", given="localhost\n")
    told.keep(1)
    told.fab("secrets.diff", code=2)
    told.fab("secrets.push")
    told.fab("--debug", "deploy")
    told.look("deployed")
    told.said["again"] = told.fab("deploy", "--json")
    told.said["run"] = told.fab("run", "python talk.py")
    break_down(told)
    told.keep(2)
    told.said["listed"] = told.fab("secrets.list", "--json")
    told.fab("secrets.rotate", "--dry-run", code=2)
    told.fab("secrets.rotate")
    told.look("rotated")
    told.fab("logs", "-n", "500")
    told.fab("rollback")
    told.look("back")


def break_down(told: Story) -> None:
    """Deploy an app that tells all it knows, and ends."""
    project = told.live.project
    good = project.git("rev-parse", "HEAD").strip()
    project.add("app.py", (project.app / "app.py").read_text() + TALKATIVE)
    told.said["failed"] = told.fab("--debug", "deploy", code=1)
    project.git("reset", "--quiet", "--hard", good)


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


def test_the_list_tells_what_differs(story: Story) -> None:
    (outcome,) = story.said["listed"].told(story.live.project.name)["outcomes"]
    rows = {row["entry"]: row[""] for row in outcome["answer"]["secrets"]}
    assert rows["PLANTED/long"] == "differs: secrets.rotate"
    assert rows["PLANTED/host"] == "same"


def test_a_command_has_them_too_and_what_it_prints_is_hidden(story: Story) -> None:
    assert story.said["run"].out.count("[hidden]") >= 2 * len(story.planted.values(1))


def test_a_failing_app_is_told_without_them(story: Story) -> None:
    assert "RuntimeError: ['[hidden]" in story.said["failed"].err


def test_nothing_that_was_printed_holds_one(story: Story) -> None:
    assert [name for name, said in story.said.items() if story.planted.in_text(str(said))] == []


def test_no_process_showed_one(story: Story) -> None:
    assert story.seen.where == []
    assert story.seen.rounds > 500


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
