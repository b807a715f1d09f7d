"""The whole agent as a host runs it: from memory, isolated, by old and new interpreters."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flaskwright.agent.system.lock import locked

from .pythons import PYTHONS
from .slot_host import OLD, SlotHost
from .stage import Stage, modules
from .support import fields, file_fields, names


class Agent(Stage):
    """The whole agent on a host whose state of an app is `state`."""

    def __init__(self, state: Path, python: str = sys.executable) -> None:
        super().__init__(state.parent, modules(), python)
        self.app_state = state
        app = {"name": "guestbook", "root": str(state.parent / "srv")}
        self.plan = {"who": "ann@laptop", "app": app, "state": str(state)}

    def started(
        self, resources: list[dict[str, Any]], mode: str = "apply"
    ) -> tuple[subprocess.Popen[bytes], bytes]:
        return self.start({**self.plan, "mode": mode, "resources": resources})

    def events(self, resources: list[dict[str, Any]], mode: str = "apply") -> list[dict[str, Any]]:
        process, first = self.started(resources, mode)
        out, err = self.hear(process)
        assert process.returncode == 0, err
        return [json.loads(line) for line in (first + out).split(b"\n")[:-1]]


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
    shown = local.events(resources, "check")
    assert shown[0]["event"] == "hello"
    assert shown[0]["uid"] == os.geteuid()
    assert states(shown) == ["would change", "would change", "ok"]
    assert shown[-1] == {"event": "end", "facts": {}, "lost": False}
    assert not state.exists()
    assert states(local.events(resources)) == ["changed", "changed", "ok"]
    assert states(local.events(resources)) == ["ok"] * 3


def test_a_held_lock_is_told_instead(tmp_path: Path, state: Path) -> None:
    resources = [file_fields(tmp_path / "a", "# Flaskwright\n")]
    with locked([str(state.parent / "lock")], "bob@pc", "other: deploy"):
        events = Agent(state).events(resources)
        assert states(Agent(state).events(resources, "check")) == ["would change"]
    assert [event["event"] for event in events] == ["hello", "locked"]
    assert (events[1]["who"], events[1]["what"]) == ("bob@pc", "other: deploy")


def test_an_operator_who_leaves_is_recorded_until_the_next_run(tmp_path: Path, state: Path) -> None:
    resources = [
        fields("port", "1", number=1, owner="nobody"),
        file_fields(tmp_path / "a", "# Flaskwright\n"),
        file_fields(tmp_path / "b", "# Flaskwright\n"),
    ]
    local = Agent(state)
    process, _ = local.started(resources)
    with process:
        assert process.stdin
        assert process.stdout
        process.stdout.close()
        process.stdin.close()
    assert process.returncode == 0
    mark = json.loads((state / "interrupted.json").read_text())
    assert mark["after"] in ("", *(resource["id"] for resource in resources))
    assert not (tmp_path / "b").exists()
    events = local.events(resources)
    assert events[-1]["facts"]["interrupted"] == mark
    assert not (state / "interrupted.json").exists()


@pytest.fixture
def host(live: SlotHost) -> Agent:
    """An agent in memory, on a host with a release that has to go."""
    local = Agent(live.state / "blog", PYTHONS[-1])
    local.sources = live.relocated(local.sources)
    more = {"timeout": 1800, "cutover": "auto", "drain": 5}
    local.plan.update(app={"name": "blog", "root": str(live.root)}, transaction=more)
    return local


def kept(live: SlotHost) -> dict[str, Any]:
    return fields("kept", keep=1)


def test_what_is_a_transaction_is_handed_over_and_followed(
    host: Agent, live: SlotHost, tmp_path: Path
) -> None:
    plan = [file_fields(tmp_path / "a", "# Flaskwright\n"), kept(live)]
    events = host.events(plan)
    told = [event["event"] for event in events]
    both = ["start", "result"]
    assert told == ["hello", *both, "start", "detached", "phase", *both, "end"]
    assert states(events) == ["changed", "changed"]
    starts = [(event["n"], event["of"]) for event in events if event["event"] == "start"]
    assert starts == [(1, 2), (2, 2), (2, 2)]
    assert live.releases.ids() == [OLD]
    (journal,) = (host.app_state / "transactions").iterdir()
    assert journal.name == events[4]["id"]
    assert names(journal) == ["agent", "journal.jsonl"]
    assert states(host.events(plan)) == ["ok", "ok"]


def test_a_dry_run_hands_nothing_over(host: Agent, live: SlotHost) -> None:
    assert states(host.events([kept(live)], "check")) == ["would change"]
    assert not host.app_state.exists()


def test_a_transaction_that_cannot_be_started_is_told(host: Agent, live: SlotHost) -> None:
    (live.systemd.bin / "systemd-run").write_text("#!/bin/sh\necho no bus; exit 1\n")
    events = host.events([kept(live)])
    assert (events[-2]["state"], events[-2]["log"]) == ("failed", ["no bus"])
    assert len(live.releases.ids()) == 2


def test_a_transaction_that_finds_the_lock_held_is_told(host: Agent, live: SlotHost) -> None:
    run = live.systemd.bin / "systemd-run"
    held = f"exec 9>{host.app_state}/lock; flock 9"  # once we have let go of it
    run.write_text(run.read_text().replace('    "$@" &', f'    {held}\n    "$@" &'))
    name = "transaction/transaction"
    host.sources[name] = host.sources[name].replace("WAIT = 20", "WAIT = 0")
    events = host.events([kept(live)])
    assert [event["event"] for event in events][-2:] == ["locked", "end"]
    assert len(live.releases.ids()) == 2
