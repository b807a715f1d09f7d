"""The N-th call: a transaction ended, or failed, in each of its own calls to the kernel.

Whatever call it is: once it is recovered one release serves, nothing is half-done, and the next
deploy puts the new release live. A seeded choice of the calls; FLASKWRIGHT_SEED makes another one,
and `./fab test --whole --options=tests/agent/test_every_call.py` tries all.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flaskwright.agent.system import agent_tree
from tests.strace import HAPPENS, KINDS, Call, Fault, argv, calls, must_be_possible

from . import transactions
from .slot_host import NEW, OLD, SlotHost
from .support import ME, MINE, Operator, fields, file_fields

SEED = os.environ.get("FLASKWRIGHT_SEED", "1")
OURS = "# Flaskwright\n"
BEFORE = "# Flaskwright, of before\n"
QUICK = 1  # calls of each kind

FOUND: dict[str, list[Call]] = {}  # by kind; counted once
Hosts = Callable[[], SlotHost]


@pytest.fixture
def hosts(
    tmp_path: Path, operator: Operator, monkeypatch: pytest.MonkeyPatch, impatient: None
) -> Iterator[Hosts]:
    """Makes hosts that serve OLD, with the agent on their disks."""
    must_be_possible()
    made: list[SlotHost] = []
    numbers = itertools.count()

    def make() -> SlotHost:
        while made:
            made.pop().close()
        host = SlotHost(tmp_path / str(next(numbers)), operator)
        made.append(host)
        host.patch(monkeypatch)
        host.serve(OLD)
        with pytest.MonkeyPatch.context() as patch:
            host.laid(patch)
            agent_tree.kept(str(program(host)), "me@here")
        (host.root / "kept").write_text(BEFORE)
        return host

    yield make
    while made:
        made.pop().close()


def deploy(host: SlotHost, *watched: str) -> int:
    """Run the transaction of a deploy, and its recovery as systemd does; gives the exit status."""
    forget(host)
    transactions.prepare(host, *plan(host), facts={"release": NEW, "commit": "b" * 40})
    status = agent(host, "run", *watched)
    if any((host.state / left).exists() for left in ("pending.json", "transaction/plan.json")):
        assert agent(host, "recover") == 0
    return status


def forget(host: SlotHost) -> None:
    """Remove what earlier transactions have left of their plans and journals."""
    (host.state / "transaction").unlink(missing_ok=True)
    shutil.rmtree(host.state / "transactions", ignore_errors=True)


def program(host: SlotHost) -> Path:
    """Where the agent lies."""
    return host.state.parent / "program"


def plan(host: SlotHost) -> list[dict[str, object]]:
    """A file that changes, one that is new, a directory, a link, and the release."""
    return [
        file_fields(host.root / "kept", OURS),
        file_fields(host.root / "new", OURS),
        fields("directory", path=str(host.root / "made"), owner=ME, group=MINE, mode=0o755),
        fields("link", path=str(host.root / "link"), target="new", check=None),
        host.serving(),
    ]


def agent(host: SlotHost, mode: str, *watched: str) -> int:
    """Run the agent's program in a mode."""
    (place,) = (program(host) / "host.agent").glob("*/__main__.py")
    command = [*watched, sys.executable, "-I", str(place.parent), mode, str(host.state)]
    return subprocess.run(command, capture_output=True, check=False).returncode


def is_whole(host: SlotHost) -> None:
    """Assert that one release serves, and that each file is one or the other."""
    assert transactions.is_closed(host)
    current = host.releases.current()
    assert set(host.runs().values()) == {current}
    assert current in (OLD, NEW)
    assert (host.root / "kept").read_text() in (BEFORE, OURS)
    assert not (host.root / "new").exists() or (host.root / "new").read_text() == OURS
    good = host.verdicts.good()
    assert current in good
    assert (NEW in good) == (current == NEW)
    left = [path for path in host.root.rglob(".*") if "flaskwright" in path.name]
    assert not left


def converges(host: SlotHost) -> None:
    """Assert that the next deploy puts the new release live."""
    assert deploy(host) == 0
    is_whole(host)
    assert host.releases.current() == NEW
    assert (host.root / "kept").read_text() == OURS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("happens", HAPPENS)
def test_a_call_of_the_transaction(
    hosts: Hosts, tmp_path: Path, pytestconfig: pytest.Config, happens: str, kind: str
) -> None:
    log = tmp_path / "log"
    if not FOUND:
        FOUND.update(usual(hosts(), log))
    for call in chosen(FOUND[kind], f"{happens} {kind}", pytestconfig.getoption("--whole")):
        host = hosts()
        at = Fault(happens, call)
        status = deploy(host, *argv(log, at))
        try:
            is_whole(host)
            converges(host)
        except AssertionError as error:
            raise AssertionError(f"{at.option}: exit {status}") from error


def usual(host: SlotHost, log: Path) -> dict[str, list[Call]]:
    """Give the calls of a transaction to which nothing happens."""
    assert deploy(host, *argv(log)) == 0
    is_whole(host)
    return calls(log.read_text())


def chosen(found: list[Call], what: str, whole: bool) -> list[Call]:
    """Give all of the calls, or a few."""
    choice = random.Random(f"{what} {SEED}")
    return found if whole else choice.sample(found, min(QUICK, len(found)))
