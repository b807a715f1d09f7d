"""Names of modules that tests replace (`monkeypatch.setattr`): their number may only fall.

What is replaced is not tested, and a test that names it breaks with each move of code.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.lint.sources import sources

MOST = 0


def findings(root: Path, most: int = MOST) -> Iterator[str]:
    """Say so where tests replace more names than agreed, or fewer, so that the number falls."""
    found = [f"{each.name}:{line}" for each in sources(root, ("tests",)) for line in _in(each.tree)]
    if len(found) > most:
        yield f"tests replace {len(found)} names of modules; at most {most}: see CONTRIBUTING.md"
    if len(found) < most:
        yield f"tests replace {len(found)} names of modules: write MOST = {len(found)} in {NAME}"


def _in(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "setattr":
            yield node.lineno


NAME = "tests/lint/replaced_names.py"
