"""The whole agent as a host runs it: from memory, isolated, by old and new interpreters."""

import bz2
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flaskwright import agent
from flaskwright.agent.lock import locked

from .support import fields, file_fields

STAGE = """
import json, sys, bz2
stdin = sys.stdin.buffer
sources = json.loads(bz2.decompress(stdin.read(int(stdin.readline()))))
loader = {}
exec(sources["loader"], loader)
loader["run"](sources)
"""


def usable(name: str) -> bool:
    found = shutil.which(name)
    argv = [str(found), "-c", ""]
    return bool(found) and not subprocess.run(argv, capture_output=True, check=False).returncode


OLDER = [f"python3.{minor}" for minor in (7, 8, 9, 10, 12, 13)]
PYTHONS = [sys.executable, *filter(usable, OLDER)]


def frame(value: dict[str, Any]) -> bytes:
    data = bz2.compress(json.dumps(value).encode())
    return b"%d\n%s" % (len(data), data)


class Agent:
    def __init__(self, state: Path, python: str = sys.executable) -> None:
        self.state = state
        self.python = python

    def start(
        self, resources: list[dict[str, Any]], mode: str = "apply"
    ) -> subprocess.Popen[bytes]:
        place = Path(agent.__file__).parent
        sources = {path.stem: path.read_text() for path in place.glob("*.py")}
        plan = {"mode": mode, "who": "ann@laptop", "app": "guestbook", "state": str(self.state)}
        process = subprocess.Popen(
            [self.python, "-I", "-c", STAGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdin
        process.stdin.write(frame(sources) + frame({**plan, "resources": resources}))
        process.stdin.flush()
        return process

    def run(self, resources: list[dict[str, Any]], mode: str = "apply") -> list[dict[str, Any]]:
        with self.start(resources, mode) as process:
            assert process.stdout
            events = [json.loads(line) for line in process.stdout]
        assert process.returncode == 0
        return events


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "var" / "guestbook"


def states(events: list[dict[str, Any]]) -> list[str]:
    return [event["state"] for event in events if event["event"] == "result"]


@pytest.mark.parametrize("python", PYTHONS)
def test_a_plan_is_shown_applied_and_then_done(python: str, tmp_path: Path, state: Path) -> None:
    resources = [
        file_fields(tmp_path / "a", "# Flaskwright\n"),
        fields("link", path=str(tmp_path / "b"), target="a", check=None),
        fields("port", "1", number=1, owner="nobody"),
    ]
    local = Agent(state, python)
    shown = local.run(resources, "check")
    assert shown[0]["event"] == "hello"
    assert shown[0]["uid"] == os.geteuid()
    assert states(shown) == ["would change", "would change", "ok"]
    assert shown[-1] == {"event": "end", "facts": {}, "lost": False}
    assert not state.exists()
    assert states(local.run(resources)) == ["changed", "changed", "ok"]
    assert states(local.run(resources)) == ["ok"] * 3


def test_a_held_lock_is_told_instead(tmp_path: Path, state: Path) -> None:
    resources = [file_fields(tmp_path / "a", "# Flaskwright\n")]
    with locked([str(state.parent / "lock")], "bob@pc", "other: deploy"):
        events = Agent(state).run(resources)
        assert states(Agent(state).run(resources, "check")) == ["would change"]
    assert [event["event"] for event in events] == ["hello", "locked"]
    assert (events[1]["who"], events[1]["what"]) == ("bob@pc", "other: deploy")


def test_an_operator_who_leaves_is_recorded_until_the_next_run(tmp_path: Path, state: Path) -> None:
    resources = [
        fields("port", "1", number=1, owner="nobody"),
        file_fields(tmp_path / "a", "# Flaskwright\n"),
        file_fields(tmp_path / "b", "# Flaskwright\n"),
    ]
    local = Agent(state)
    with local.start(resources) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.close()
        process.stdin.close()
    assert process.returncode == 0
    mark = json.loads((state / "interrupted.json").read_text())
    assert mark["after"] in ("", *(resource["id"] for resource in resources))
    assert not (tmp_path / "b").exists()
    events = local.run(resources)
    assert events[-1]["facts"]["interrupted"] == mark
    assert not (state / "interrupted.json").exists()


def test_without_a_plan_it_ends_quietly(state: Path) -> None:
    place = Path(agent.__file__).parent
    sources = frame({path.stem: path.read_text() for path in place.glob("*.py")})
    done = subprocess.run(
        [sys.executable, "-I", "-c", STAGE], input=sources, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, b"")
