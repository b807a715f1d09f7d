"""The N-th call: each way in which a transaction's own calls to the kernel can end or fail.

A seeded choice; FLASKWRIGHT_SEED makes another one.
`./fab test --whole --options=tests/hosts/test_calls.py` tries 200 in transactions, and 60 in what
recovers them.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Sequence

import pytest

from tests.strace import HAPPENS, KINDS, Call, Fault

from .conftest import Live
from .faults.calls import must_have_strace, seen, watched
from .faults.faults import END, UNIT, hit
from .faults.trial import converges, is_whole, prepared, telling, tells
from .visitor import page

SEED = os.environ.get("FLASKWRIGHT_SEED", "1")
# the kinds of call that each makes
OF_TRANSACTION = tuple(kind for kind in KINDS if kind != "link")
OF_RECOVERY = tuple(kind for kind in KINDS if kind not in ("link", "symlink", "mkdir"))
Calls = dict[str, list[Call]]
Record = Callable[[str, object], None]


def points(what: str, number: int, quick: int, kinds: Sequence[str]) -> Sequence[object]:
    """Choose what happens, in which kind of call, and in which of them: a part of all."""
    choice = random.Random(f"{what} {SEED}")
    cases = [
        (choice.choice(list(HAPPENS)), choice.choice(kinds), round(choice.random(), 3))
        for _ in range(number)
    ]
    return [
        pytest.param(*case, id=f"{case[0]} in {case[1]} {case[2]} of seed {SEED}",
                     marks=[pytest.mark.long] if place >= quick else [])
        for place, case in enumerate(cases)
    ]  # fmt: skip


def fault(calls: Calls, happens: str, kind: str, part: float) -> Fault:
    """Give the fault."""
    return Fault(happens, calls[kind][int(part * len(calls[kind]))])


def all_of(kinds: Sequence[str], app: Live) -> Calls:
    """Give the calls of who was watched last; each of these kinds is among them."""
    found = seen(app)
    assert all(found[kind] for kind in kinds), {kind: len(made) for kind, made in found.items()}
    return found


@pytest.fixture(scope="module")
def app(live: Live) -> Live:
    """The sample app, which tells the release that answers."""
    must_have_strace(live)
    return telling(live)


@pytest.fixture(scope="module")
def calls(app: Live) -> Calls:
    """All calls of a transaction to which nothing happens."""
    with watched(app):
        prepared(app)
        app.deploy()
        return all_of(OF_TRANSACTION, app)


@pytest.fixture(scope="module")
def of_recovery(app: Live) -> Calls:
    """All calls of what recovers a transaction that was killed in its switch."""
    trial = prepared(app)
    with trial.after:
        with watched(app, "recover"):
            hit(trial, "switch", f"{END} --kill-who=main {UNIT}")
            trial.said()
        is_whole(trial)
        return all_of(OF_RECOVERY, app)


@pytest.mark.parametrize(("happens", "kind", "part"), points("run", 200, 2, OF_TRANSACTION))
def test_a_call_of_the_transaction(
    app: Live, calls: Calls, happens: str, kind: str, part: float, record_property: Record
) -> None:
    at = fault(calls, happens, kind, part)
    trial = prepared(app)
    with trial.after:
        with watched(app, fault=at):
            trial.deploy()
            said = trial.said()
        assert said.code in (0, 1, 3), f"{at}: {said}"
        outcome = is_whole(trial)
        tells(trial, said, outcome)
        converges(trial)
    told = [happens, kind, outcome, said.code, at.option]
    record_property("call", json.dumps([*told, trial.seen]))


@pytest.mark.parametrize(("happens", "kind", "part"), points("recover", 60, 1, OF_RECOVERY))
def test_a_call_of_the_recovery(
    app: Live, of_recovery: Calls, happens: str, kind: str, part: float, record_property: Record
) -> None:
    at = fault(of_recovery, happens, kind, part)
    trial = prepared(app)
    with trial.after:
        with watched(app, "recover", at):
            hit(trial, "switch", f"{END} --kill-who=main {UNIT}")
            said = trial.said()
        assert said.code in (1, 3), f"{at}: {said}"
        assert page(app.address, "/release")
        converges(trial)
        trial.look()
    told = [happens, kind, said.code, at.option]
    record_property("recovery", json.dumps([*told, trial.seen]))
