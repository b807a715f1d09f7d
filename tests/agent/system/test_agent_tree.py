"""The agent on the host's disk: put there, kept, replaced, taken away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from flaskwright.agent import loader
from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.system import agent_tree, disk
from flaskwright.agent.system.lock import Held, locked

from ..pythons import PYTHONS
from ..slot_host import SlotHost
from ..stage import Stage, digest, modules
from ..support import fields, full, mounted, names

SOURCES = {"main": "def main(plan):\n    return 0\n", "web/http": ""}
Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Puts versions of a small agent on a host's disk, whose state is `tmp_path`, and leaves."""
    monkeypatch.setattr(loader, "hold", lambda place: -1)

    def one(version: int = 0, at: float = 0, wait: float = 0.0) -> Path:
        sources = {path: text.encode() for path, text in version_of(version).items()}
        monkeypatch.setattr(agent_tree, "_sources", lambda: sources)
        place = Path(agent_tree.kept(str(tmp_path), "me@here", wait))
        os.utime(place, (at, at))
        return place

    return one


def version_of(number: int) -> dict[str, str]:
    return {**SOURCES, "web/http": f"version = {number}\n"}


def is_sound(place: Path) -> bool:
    return loader.is_sound(str(place), place.name)


def versions(state: Path) -> set[str]:
    return set(names(state / loader.TREES)) - {"lock"}


@pytest.fixture
def running() -> Iterator[Callable[[Path], None]]:
    """Has a process run from an agent."""
    held: list[subprocess.Popen[bytes]] = []

    def one(place: Path) -> None:
        hold = (
            "import sys; from flaskwright.agent import loader; loader.hold(sys.argv[1]);"
            "print(flush=True); sys.stdin.read()"
        )
        argv = [sys.executable, "-c", hold, str(place)]
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout
        process.stdout.readline()
        held.append(process)

    yield one
    for process in held:
        process.communicate()


def test_it_is_written_once(put: Put) -> None:
    place = put()
    before = (place / "seal").stat()
    assert put() == place
    assert (place / "seal").stat() == before
    assert is_sound(place)


def test_what_a_power_cut_left_of_one_goes(put: Put, tmp_path: Path) -> None:
    place = put()
    half = place.with_name(place.name + ".part")
    place.rename(half)
    (half / "agent" / "main.py").unlink()
    (half / "agent" / "rest").mkdir()
    other = half.with_name("0" * 32 + ".part")
    other.mkdir()

    assert put() == place

    assert is_sound(place)
    assert versions(tmp_path) == {place.name}


@pytest.mark.parametrize("part", ["agent/main.py", "seal", "__main__.py"])
def test_one_that_was_altered_is_replaced(put: Put, tmp_path: Path, part: str) -> None:
    place = put()
    (place / part).write_text("raise SystemExit(99)\n")

    assert put() == place

    assert is_sound(place)
    assert versions(tmp_path) == {place.name}


def test_one_that_was_altered_stays_while_somebody_runs_from_it(
    put: Put, running: Callable[[Path], None], tmp_path: Path
) -> None:
    place = put()
    running(place)
    (place / "agent" / "main.py").write_text("mine = 1\n")

    with pytest.raises(Failed, match="was altered, and a run that began with it goes on"):
        put()

    assert (place / "agent" / "main.py").read_text() == "mine = 1\n"
    assert versions(tmp_path) == {place.name}


def test_of_many_versions_the_newest_stay(put: Put, tmp_path: Path) -> None:
    made = [put(number, at=number + 1) for number in range(agent_tree.NEWEST + 3)]
    # the times are set once one is there: the last was the newest when the others went
    assert versions(tmp_path) == {place.name for place in made[-agent_tree.NEWEST :]}
    assert all(map(is_sound, made[-agent_tree.NEWEST :]))


def test_what_a_transaction_began_with_stays_and_what_somebody_runs_from(
    put: Put, running: Callable[[Path], None], tmp_path: Path
) -> None:
    begun, run, old = (put(number, at=number + 1) for number in range(3))
    (tmp_path / "blog" / "transactions" / "1").mkdir(parents=True)
    (tmp_path / "blog" / "transaction").symlink_to("transactions/1")
    (tmp_path / "blog" / "transaction" / "agent").symlink_to(begun)
    running(run)

    for number in range(3, 6):
        put(number, at=number + 1)

    left = versions(tmp_path)
    assert {begun.name, run.name} < left
    assert old.name not in left


def test_the_way_to_it_is_ours_alone_or_it_is_no_place_for_one(put: Put, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)

    with pytest.raises(Failed, match="is no place for a program that root runs") as failed:
        put()

    assert failed.value.why == f"{tmp_path}: others may write it"
    assert failed.value.next.endswith(f"chmod go-w {tmp_path}")
    assert not versions(tmp_path)


def test_somebody_else_who_puts_one_there_is_waited_for_and_named(put: Put, tmp_path: Path) -> None:
    lock = tmp_path / loader.TREES / "lock"
    with locked([str(lock)], "bob@pc", "keeps the agent"), pytest.raises(Held) as held:
        put(wait=0.05)
    assert held.value.holder["who"] == "bob@pc"


def test_a_disk_that_gets_full_meanwhile_is_left_as_it_was(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "sync_tree", full)
    with pytest.raises(OSError, match="No space left"):
        put()
    assert not versions(tmp_path)


class Deploy(Stage):
    """The whole agent, which keeps a release of an app by a transaction."""

    def __init__(self, state: Path, sources: dict[str, str] | None = None) -> None:
        super().__init__(state, sources or modules())

    def events(self, mode: str = "check", **more: Any) -> list[dict[str, Any]]:
        port = fields("port", "1", number=1, owner="nobody")
        about = {"who": "ann@laptop", "app": None, "state": str(self.state), "resources": [port]}
        status, out, said = self.run({**about, "mode": mode, **more})
        assert status == 0, said
        return [json.loads(line) for line in out.splitlines()]


def test_a_question_to_a_host_without_any_trace_of_us_leaves_none(tmp_path: Path) -> None:
    local = Deploy(tmp_path / "state")
    assert local.events()[-1]["event"] == "end"
    assert not local.state.exists()


@pytest.mark.parametrize("mode", ["apply", "check"])
def test_the_first_run_of_a_version_leaves_it_for_the_next(tmp_path: Path, mode: str) -> None:
    local = Deploy(tmp_path / "state")
    local.state.mkdir(0o700)
    for lacks in (True, False):
        told = [event["event"] for event in local.events(mode)]
        assert told == ["hello", "start", "result", "end"]
        assert local.asked == lacks
    assert is_sound(local.tree)


@pytest.mark.parametrize("mode", ["apply", "check"])
def test_the_run_that_finds_one_altered_replaces_it(tmp_path: Path, mode: str) -> None:
    local = Deploy(tmp_path / "state")
    local.events("apply")
    (local.tree / "agent" / "main.py").write_text("raise SystemExit(99)\n")
    for lacks in (True, False):
        local.events(mode)
        assert local.asked == lacks
    assert is_sound(local.tree)


@pytest.mark.parametrize("options", ["size=300k", "ro"])
def test_where_the_disk_takes_nothing_it_runs_from_memory(tmp_path: Path, options: str) -> None:
    with mounted(tmp_path / "state", f"mode=700,{options}") as state:
        for _ in range(2):
            local = Deploy(state)
            assert [event["event"] for event in local.events()] == [
                "hello", "start", "result", "end",
            ]  # fmt: skip
            assert local.asked
        assert options == "ro" or not versions(state)


@pytest.mark.parametrize(("options", "why"), [("size=300k", "full"), ("ro", "read-only")])
def test_where_the_disk_takes_nothing_a_transaction_says_why_it_cannot_begin(
    live: SlotHost, tmp_path: Path, options: str, why: str
) -> None:
    with mounted(tmp_path / "here", f"mode=700,{options}") as state:
        kept = fields("kept", keep=1)
        transaction = {"timeout": 9, "cutover": "auto", "drain": 5}
        told = Deploy(state, live.relocated(modules())).events(
            "apply",
            app={"name": "blog", "root": str(live.root)},
            state=str(state / "blog"),
            resources=[kept],
            transaction=transaction,
        )
    failed = told[-2]
    assert (failed["event"], failed["state"]) == ("result", "failed")
    assert why in failed["what"] + failed["why"]
    assert len(live.releases.ids()) == 2


def test_operators_of_two_versions_at_once_are_all_served(tmp_path: Path) -> None:
    def run(number: int) -> tuple[int, str, str]:
        return Stage(tmp_path, sources[number % 2]).run(plan)

    whole = modules()
    sources = [{**whole, "other": f"version = {number}\n"} for number in range(2)]
    plan = {"who": "a", "app": None, "state": str(tmp_path), "mode": "check", "resources": []}
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(run, range(6)))

    assert {status for status, _, _ in answers} == {0}
    assert all('"event": "end"' in out for _, out, _ in answers)
    for one in sources:
        Stage(tmp_path, one).run(plan)
        again = Stage(tmp_path, one)
        again.run(plan)
        assert not again.asked
    assert versions(tmp_path) == {digest(one) for one in sources}


@pytest.fixture
def program(slots: SlotHost, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The whole agent as it lies on a host of which a transaction may be."""
    slots.laid(monkeypatch)
    (slots.state / "transaction").mkdir()
    return Path(agent_tree.kept(str(slots.state.parent), "me@here"))


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("mode", ["recover", "boot"])
def test_it_is_a_program_that_recovers_a_transaction(
    program: Path, slots: SlotHost, python: str, mode: str
) -> None:
    before = sorted(program.rglob("*"))
    argv = [python, "-I", str(program), mode, str(slots.state)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sorted(program.rglob("*")) == before


def test_who_runs_from_the_disk_has_it_there(program: Path, tmp_path: Path) -> None:
    ask = "from agent.system import agent_tree; print(agent_tree.kept('/nonexistent', 'me'))"
    argv = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(program)!r}); {ask}"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (f"{program}\n", "")
