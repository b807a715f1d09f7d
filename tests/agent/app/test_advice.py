"""What programs say when they fail, and what a person must be told of it: a file for each case."""

from __future__ import annotations

import re
import time
from dataclasses import fields

import pytest

from flaskwright.agent.app import failures
from flaskwright.agent.app.advice import LONGEST, SHOWN, WIDTH, Facts, Rule, told
from flaskwright.agent.releases import command_failures
from flaskwright.agent.venvs import pip_errors
from flaskwright.config.keys import AppTable
from flaskwright.config.permissions import Permissions

from ..advice_case import HERE, Case

CASES = sorted(path.stem for path in HERE.glob("*.txt"))
KEY = re.compile(r"(?:^|[;:,] |\bthen |\band )([a-z_.]+) = (?=[\[{\"\d])")


@pytest.mark.parametrize("name", CASES)
def test_each_output_has_its_answer(name: str) -> None:
    case = Case(HERE / f"{name}.txt")

    answer = case.told()

    assert {"said": answer.said, "why": answer.why, "next": answer.next} == {
        key: case.head.get(key, "") for key in ("said", "why", "next")
    }
    assert len(answer.log) <= SHOWN
    assert case.head["line"][:WIDTH] in ["", *(line.strip() for line in answer.log)]


@pytest.mark.parametrize("name", CASES)
def test_what_stands_first_is_no_word_of_systemd_s(name: str) -> None:
    said = Case(HERE / f"{name}.txt").told().said

    assert said
    assert not re.search("Job for|systemctl|flaskwright-canary", said)
    assert len(said) <= LONGEST + 2


@pytest.mark.parametrize("name", CASES)
def test_no_key_is_named_that_hosts_toml_refuses(name: str) -> None:
    named = KEY.findall(Case(HERE / f"{name}.txt").told().next)

    assert set(named) <= {
        field.name for table in (AppTable, Permissions) for field in fields(table)
    }


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 60


def test_the_first_rule_that_fits_decides_and_its_line_is_shown() -> None:
    lines = [f"line {number}" for number in range(100)]
    rules = (Rule("line 70$", "seventy", ""), Rule("line 5$", "five", ""))

    answer = told(rules, lines, Facts())

    assert answer is not None
    assert (answer.why, answer.line) == ("seventy", "line 70")
    assert len(answer.log) == SHOWN
    assert "line 70" in answer.log
    assert told(rules, lines[71:], Facts()) is None


def test_what_a_stranger_has_named_is_nothing_that_is_typed() -> None:
    """What advice tells people to type has no signs that a shell, or a file, reads otherwise."""
    case = Case(HERE / "mkdir-uploads.txt")
    case.lines = ["OSError: [Errno 30] Read-only file system: 'a\"]; rm -rf $(x) #'"]

    assert "rm" not in case.told().next


@pytest.mark.parametrize(
    "part", ["a", "a.", "Package a, ", "pip ", "Error: ", "'", "Cargo ", "a: "]
)
def test_no_stranger_s_line_keeps_us_busy(part: str) -> None:
    case = Case(HERE / "mkdir-uploads.txt")
    lines = [part * (16_384 // len(part))] * 300
    began = time.process_time()

    for module in (failures, pip_errors, command_failures):
        module.explained(lines, case.facts)

    assert time.process_time() - began < 5
