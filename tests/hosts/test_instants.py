"""A deploy that is cut off at a random instant, from its start to a tenth after its usual end.

A seeded choice; FLASKWRIGHT_SEED makes another one.
`./fab test --whole --options=tests/hosts/test_instants.py` tries 150.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable

import pytest

from .conftest import Live
from .faults.instants import CODES, KINDS, cut
from .faults.trial import converges, is_whole, prepared, telling

SEED = os.environ.get("FLASKWRIGHT_SEED", "1")
CHOICE = random.Random(SEED)
INSTANTS = [(CHOICE.choice(KINDS), CHOICE.uniform(0, 1.1)) for _ in range(150)]
SLICE = 2
CASES = [
    pytest.param(*instant, id=f"{instant[0]} in {instant[1]:.3f} of seed {SEED}",
                 marks=[] if number < SLICE else [pytest.mark.long])
    for number, instant in enumerate(INSTANTS)
]  # fmt: skip


@pytest.fixture(scope="module")
def app(live: Live) -> Live:
    """The sample app, which tells the release that answers."""
    return telling(live)


@pytest.fixture(scope="module")
def length(app: Live) -> float:
    """How long a deploy of a new commit takes, in seconds."""
    prepared(app)
    began = time.monotonic()
    app.deploy()
    return time.monotonic() - began


@pytest.mark.parametrize(("kind", "part"), CASES)
def test_a_deploy_that_is_cut_off(
    app: Live,
    length: float,
    kind: str,
    part: float,
    record_property: Callable[[str, object], None],
) -> None:
    trial = prepared(app)
    with trial.after:
        said = cut(trial, kind, part * length)
        assert said.code in CODES[kind], str(said)
        outcome = is_whole(trial)
        converges(trial)
    told = [kind, outcome, said.code, round(part, 3)]
    record_property("instant", json.dumps([*told, trial.seen]))
