"""What the agent and the rest may be written in."""

import ast
import sys
from pathlib import Path

import pytest

from flaskwright import agent

SOURCES = sorted(Path(agent.__file__).parent.glob("*.py"))
PRODUCT = Path(agent.__file__).parents[1]
OURS = sorted(path for path in PRODUCT.rglob("*.py") if path.parent != SOURCES[0].parent)
TASKS = sorted((PRODUCT.parent / "tasks").glob("*.py"))
PIP_DOES_SO = ("declared",)  # what pip takes for a line of the requirements is one
SHARED = ("hiding", "linebuffer", "spellings", "text")  # also the operator's side's


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_is_python_3_7_and_imports_the_standard_library_only(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=(3, 7))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            continue
        assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.mark.parametrize("path", [*SOURCES, *OURS, *TASKS], ids=lambda path: path.stem)
def test_only_a_newline_ends_a_line(path: Path) -> None:
    """str.splitlines ends one at eight characters more, which strangers put where they like."""
    if path.stem in PIP_DOES_SO:
        return
    for node in ast.walk(ast.parse(path.read_text())):
        assert not (isinstance(node, ast.Attribute) and node.attr == "splitlines"), node.lineno


@pytest.mark.parametrize("name", SHARED)
def test_what_both_sides_spell_alike_stands_on_itself(name: str) -> None:
    tree = ast.parse((Path(agent.__file__).parent / f"{name}.py").read_text())
    relative = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
    assert {node.module for node in relative} <= set(SHARED)
