"""The house's proportions: small modules, short functions that read downward."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("flaskwright", "tasks", "guides", "sandbox", "bench", "examples", "docs")
FILES = sorted(
    path
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_are_small(path):
    text = path.read_text()
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, FUNCTION)]
    long = {node.name: node.end_lineno - node.lineno + 1 for node in functions}

    assert len(text.splitlines()) <= 250
    assert {name: lines for name, lines in long.items() if lines > 30} == {}
