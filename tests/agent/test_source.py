"""What both sides import stands on what both sides may import."""

import ast
from pathlib import Path

import pytest

from flaskwright import agent

SHARED = ("hiding", "linebuffer", "spellings", "text")  # also the operator's side's


@pytest.mark.parametrize("name", SHARED)
def test_what_both_sides_spell_alike_stands_on_itself(name: str) -> None:
    tree = ast.parse((Path(agent.__file__).parent / f"{name}.py").read_text())
    relative = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
    assert {node.module for node in relative} <= set(SHARED)
