"""Whatever a host says, what comes of it has a name, an exit code, an end, and no 0 for nothing."""

from __future__ import annotations

import io
import json
import random
import time
from pathlib import Path
from typing import Any
from unicodedata import category

import pytest

from flaskwright.by_hand import commands
from flaskwright.errors import FlaskwrightError, NeedsPerson, StepFailed
from flaskwright.inventory import Host
from flaskwright.link import payload
from flaskwright.plan import plan
from flaskwright.plan.plan import Mode, Plan
from flaskwright.report import console
from flaskwright.report.console import Console
from flaskwright.run import runner
from tasks import daily
from tests import hostile
from tests.hosts_file import host_in

SEEDS = 600
CODES = {0, 1, 2, 3, 4, 5, 6, 64}


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Console:
    here = Console(io.StringIO(), io.StringIO())
    monkeypatch.setattr(console, "_console", here)
    return here


@pytest.fixture(autouse=True)
def nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packing the agent takes longer than all that is tried here."""
    monkeypatch.setattr(payload, "head", lambda host_state, password: b"")
    monkeypatch.setattr(payload, "opening", lambda plan: b"")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return host_in(tmp_path)


def made(host: Host, what: str) -> Plan:
    return plan.make(host, getattr(daily, what).resources(host))


def code(host: Host, todo: Plan, mode: Mode, said: bytes, seed: int = 0) -> int:
    """Return how a command ends on a host that says this; raises what is no named failure."""
    link = hostile.connection(host, said, seed=seed)
    try:
        report = runner.execute(link, todo, mode)
    except FlaskwrightError as error:
        console.failure(host.name, error)
        return error.exit_code
    console.result(report)
    return report.exit_code


def events(*these: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in ({"event": "hello"}, *these))


@pytest.mark.parametrize("what", ["status", "deploy", "rollback"])
@pytest.mark.parametrize("as_json", [False, True], ids=["words", "json"])
def test_whatever_a_host_says_the_end_has_a_name(
    host: Host, screen: Console, what: str, as_json: bool
) -> None:
    todo = made(host, what)
    screen.as_json = as_json
    ids = [item.resource.id for item in todo.items]
    ends = set()
    for seed in range(SEEDS):
        said = hostile.talk(random.Random(seed), ids)
        mode: Mode = "check" if seed % 2 else "apply"
        try:
            ended = code(host, todo, mode, said, seed)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {said!r}") from error
        assert ended in CODES
        told = {id_ for id_ in ids if json.dumps(id_).encode() in said}
        assert ended != 0 or told == set(ids), f"seed {seed}: {said!r}"
        ends.add(ended)
    assert {1, 3, 4, 5} <= ends  # the dice do reach them
    json.dumps(screen._hosts)


def test_no_word_of_it_moves_the_cursor_or_hides(host: Host, screen: Console) -> None:
    for seed in range(SEEDS // 3):
        code(host, made(host, "status"), "check", hostile.talk(random.Random(seed), []), seed)
    shown = screen.out.getvalue() + screen.err.getvalue()
    assert len(shown) > 1000
    unseen = {each for each in shown if category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert unseen == {"\n"}


@pytest.mark.parametrize(
    ("mode", "error", "exit_code"), [("check", StepFailed, 1), ("apply", NeedsPerson, 3)]
)
def test_an_end_without_results_is_a_failure(
    host: Host, screen: Console, mode: Mode, error: type[FlaskwrightError], exit_code: int
) -> None:
    todo = made(host, "status")
    with pytest.raises(error, match="does not answer as our agent does") as caught:
        runner.execute(hostile.connection(host, events({"event": "end", "facts": {}})), todo, mode)
    assert caught.value.exit_code == exit_code
    assert "without a result for 1 of the plan" in caught.value.why


def test_a_line_without_an_end_is_given_up_after_a_mebibyte(host: Host, screen: Console) -> None:
    began = time.monotonic()
    said = events() + b'{"event": "notice", "text": "' + b"x" * (64 << 20)
    assert code(host, made(host, "status"), "check", said, seed=4) == 1
    assert "a line of more than 1048576 bytes" in screen.err.getvalue()
    assert time.monotonic() - began < 5


def test_a_host_with_more_results_than_there_can_be_is_left(host: Host, screen: Console) -> None:
    result = {"event": "result", "id": "x", "state": "ok"}
    assert code(host, made(host, "status"), "check", events(*[result] * 10_100)) == 1
    assert "More results than there can be" in screen.err.getvalue()


@pytest.mark.parametrize("answer", [None, {}, {"status": "7"}, {"status": None}, {"status": [0]}])
def test_a_command_without_a_status_is_a_failure(
    host: Host, screen: Console, answer: dict[str, Any] | None
) -> None:
    result = {"event": "result", "id": "app-command", "state": "done", "answer": answer}
    link = hostile.connection(host, events(result, {"event": "end", "facts": {}}))
    with pytest.raises(StepFailed, match="pi gives no status"):
        commands.run(link, "true")


@pytest.mark.parametrize(("status", "code"), [(0, 0), (137, 137), (-1, 1), (10**30, 1), (256, 1)])
def test_a_status_is_one_that_a_program_can_have(
    host: Host, screen: Console, status: int, code: int
) -> None:
    result = {"event": "result", "id": "app-command", "state": "done"}
    said = events({**result, "answer": {"status": status}}, {"event": "end", "facts": {}})
    assert commands.run(hostile.connection(host, said), "true").exit_code == code
