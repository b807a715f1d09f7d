"""What the program for an app's databases answers: it runs as the app, which may reach into it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flaskwright.agent.databases.backups import _checked
from flaskwright.agent.engine.errors import Failed

ODD = "a\nb\u2028\udcff.db"


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        ("backup", {}),
        ("backup", {"a.db": 7, ODD: 0}),
        ("compare", {"changed": [ODD], "gone": [], "made": ["deep/a..b.db"]}),
    ],
)
def test_an_answer_about_any_names_is_taken(action: str, answer: Any) -> None:
    assert _checked(json.dumps(answer), action) == answer


NONSENSE = ["", "null", "7", "[]", '"x"', "{", "[" * 100_000, '{"a.db": "7"}', '{"a.db": [1]}']
NONSENSE += ['{"../a.db": 7}', '{"/etc/passwd": 7}', '{"a/../../b": 7}', '{"changed": ["x"]}']
NONSENSE += [
    '{"changed": ["/x"], "gone": [], "made": []}',
    '{"changed": [], "gone": [7], "made": []}',
]
NONSENSE += ['{"changed": [], "gone": [], "made": ["../x"]}']


@pytest.mark.parametrize("action", ["backup", "compare", "restore"])
@pytest.mark.parametrize("said", NONSENSE, ids=range(len(NONSENSE)))
def test_an_answer_that_makes_no_sense_is_a_failure(action: str, said: str) -> None:
    with pytest.raises(Failed) as failed:
        _checked(said, action)
    assert failed.value.why == "the answer makes no sense"
