"""What programs say when they fail, and what a person must be told of it: a file for each case."""

from __future__ import annotations

import re

import pytest

from flaskwright.agent.advice import SHOWN, Facts, Rule, around, shortened, told

from .advice_case import HERE, Case

CASES = sorted(path.stem for path in HERE.glob("*.txt"))


@pytest.mark.parametrize("name", CASES)
def test_each_output_has_its_answer(name: str) -> None:
    case = Case(HERE / f"{name}.txt")

    answer = case.told()

    assert {"said": answer.said, "why": answer.why, "next": answer.next} == {
        key: case.head.get(key, "") for key in ("said", "why", "next")
    }
    assert 0 < len(answer.log) <= SHOWN or not case.head["line"]
    assert any(line.strip() == case.head["line"] for line in answer.log) or not case.head["line"]


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 60
