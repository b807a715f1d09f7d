"""A deploy to which something happens, in each phase: one release or the other, never neither.

All cells: `./fab test --whole --options=tests/hosts/test_faults.py`; without `--whole` a few.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from .conftest import Live
from .faults.cells import CELLS, MATRIX, SLICE
from .faults.faults import FAULTS
from .faults.phases import BESIDES, TRANSACTION, broken, prepare
from .faults.trial import CODES, converges, is_whole, prepared, telling, tells

CELL = [
    pytest.param(*cell, id=" in ".join(cell), marks=[] if cell in SLICE else [pytest.mark.long])
    for cell in CELLS
]


TIMES = [0, *(pytest.param(number, marks=pytest.mark.long) for number in range(1, 20))]
LATER = (0.0, 0.4, 0.8, 1.6)  # seconds after the first that the second begins


@pytest.fixture(scope="module")
def app(live: Live) -> Live:
    """The sample app, which tells the release that answers."""
    return telling(live)


@pytest.mark.parametrize(("fault", "phase"), CELL)
def test_one_release_or_the_other(
    app: Live, fault: str, phase: str, record_property: Callable[[str, object], None]
) -> None:
    happen, codes, _ = MATRIX[fault]
    trial = prepared(app)
    prepare(trial, phase)
    with trial.after:
        with broken(trial, phase):
            said = happen(trial, phase)
        assert said.code in (*codes, *BESIDES.get(phase, ())), str(said)
        outcome = is_whole(trial)
        assert said.code not in (0, 1, 3) or said.code in CODES[outcome], str(said)
        if phase in TRANSACTION:
            tells(trial, said, outcome)
        converges(trial)
    record_property("cell", json.dumps([fault, phase, outcome, said.code, trial.seen]))


@pytest.mark.parametrize("number", TIMES)
def test_two_deploys_at_once(
    app: Live, number: int, record_property: Callable[[str, object], None]
) -> None:
    trial = prepared(app)
    trial.visit()
    others = []
    for wait in (0.0, LATER[number % len(LATER)]):
        time.sleep(wait)
        others.append(app.project.start("-H", app.project.name, "deploy"))
    said = [(other.communicate(timeout=120), other.returncode) for other in others]
    codes = sorted(code for _, code in said)
    assert codes in ([0, 0], [0, 4]), said
    assert all("is locked" in err for (_, err), code in said if code == 4)
    assert is_whole(trial) == "new"
    converges(trial)
    record_property("at once", json.dumps([" and ".join(map(str, codes)), trial.seen]))


@pytest.mark.long
def test_what_the_operator_does_not_see_is_told_later(app: Live) -> None:
    trial = prepared(app)
    happen, _ = FAULTS["client killed"]
    happen(trial, "canary")
    told = app.project.on_host("attach")
    assert told.code == 0, str(told)
    assert is_whole(trial) == "new"
