"""The checks find what breaks a rule, and nothing does in this repository."""

from pathlib import Path

import pytest

from tests.lint import agent_source, line_ends, replaced_names, sizes
from tests.lint.__main__ import findings

MANY = "".join(f"monkeypatch.setattr(module, 'A', {n})\n" for n in range(replaced_names.MOST + 1))
LONG = "def long():\n" + "    pass\n" * 30


def test_the_house_keeps_its_rules() -> None:
    assert findings() == []


@pytest.mark.parametrize(
    ("check", "path", "text", "found"),
    [
        (sizes, "tasks/big.py", "\n" * 251, "tasks/big.py: 251 lines; at most 250"),
        (sizes, "sandbox/a/b.py", LONG, "sandbox/a/b.py:1: long has 31 lines; at most 30"),
        (agent_source, "flaskwright/agent/app/x.py", "(a := 1)\n", "x.py:1: no Python 3.7: "),
        (agent_source, "flaskwright/agent/y.py", "import fabric\n", "y.py:1: fabric is not in the"),
        (agent_source, "flaskwright/agent/z.py", "from jinja2.x import y\n", "jinja2.x is not"),
        (line_ends, "flaskwright/agent/git/w.py", "a.splitlines()\n", "w.py:1: splitlines; "),
        (replaced_names, "tests/agent/test_a.py", MANY, f"replace {replaced_names.MOST + 1} names"),
        (replaced_names, "tests/lint/replaced_names.py", "", "0 are left: write MOST = 0"),
    ],
)
def test_what_breaks_a_rule_is_found(
    tmp_path: Path, check: object, path: str, text: str, found: str
) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(text)
    (told,) = check.findings(tmp_path)  # type: ignore[attr-defined]
    assert found in told


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (sizes, "tasks/big.py", "\n" * 250),
        (sizes, ".venv/big.py", "\n" * 300),
        (sizes, "tests/big.py", "\n" * 300),
        (agent_source, "flaskwright/agent/x.py", "import json\nfrom . import text\n"),
        (agent_source, "flaskwright/x.py", "import fabric\n"),
        (line_ends, "flaskwright/agent/venvs/declared.py", "a.splitlines()\n"),
    ],
)
def test_what_breaks_none_is_not(tmp_path: Path, check: object, path: str, text: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(text)
    assert list(check.findings(tmp_path)) == []  # type: ignore[attr-defined]
