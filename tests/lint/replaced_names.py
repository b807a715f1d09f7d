"""Names of modules that tests replace (`monkeypatch.setattr`): their number may only fall.

What is replaced is not tested, and a test that spells a name breaks with each move of code.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.lint.sources import sources

MOST = 212


def findings(root: Path) -> Iterator[str]:
    """Say where more names are replaced than agreed; or what to write here, where fewer are."""
    found = sum(map(_replaced, (each.tree for each in sources(root, ("tests",)))))
    if found > MOST:
        yield f"tests replace {found} names of modules; at most {MOST} (see CONTRIBUTING.md)"
    if found < MOST and (root / "tests/lint/replaced_names.py").exists():
        yield f"tests/lint/replaced_names.py: {found} are left: write MOST = {found}"


def _replaced(tree: ast.Module) -> int:
    """Count the calls of a method `setattr`, whatever the object is named."""
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return sum(isinstance(each, ast.Attribute) and each.attr == "setattr" for each in calls)
