"""Transactions run in this process, and what their journals say then."""

from __future__ import annotations

import json
from itertools import takewhile
from typing import Any

from flaskwright.agent.system.lock import locked
from flaskwright.agent.transaction import transaction
from flaskwright.agent.transaction.journal import events

from .slot_host import SlotHost

Events = list[dict[str, Any]]


def prepare(host: SlotHost, *resources: dict[str, Any], **more: Any) -> None:
    """Write a plan where a transaction finds it."""
    place = host.state / "transactions" / "1"
    place.mkdir(parents=True)
    (place / "plan.json").write_text(json.dumps(host.plan(*resources, **more)))
    (host.state / "transaction").symlink_to("transactions/1")


def run(host: SlotHost, *resources: dict[str, Any], **more: Any) -> Events:
    """Run a plan to its end; gives the events of its journal."""
    prepare(host, *resources, **more)
    assert transaction.main("run", str(host.state)) == 0
    return journal(host)


def journal(host: SlotHost) -> Events:
    """All events up to now."""
    path = host.state / "transaction" / "journal.jsonl"
    return [event for event in takewhile(bool, events(str(path))) if event]


def result_of(told: Events) -> tuple[dict[str, Any], dict[str, Any]]:
    """The last result, and the facts at the end."""
    results = [event for event in told if event["event"] == "result"]
    assert told[-1]["event"] == "end"
    return results[-1], told[-1]["facts"]


def verdicts(host: SlotHost) -> list[tuple[str, str]]:
    return [(line["id"], line["verdict"]) for line in host.verdicts.lines()]


def is_closed(host: SlotHost) -> bool:
    """Whether its journal is all that stays: no plan with its secrets, no lock, no reserve."""
    with locked([str(host.state / "lock")], "bob", "the next one"):
        pass
    left = {path.name for path in host.state.iterdir()} - {"lock"}
    plans = list(host.state.glob("transactions/*/plan.json"))
    return left == {"transaction", "transactions", "releases.jsonl"} and not plans
