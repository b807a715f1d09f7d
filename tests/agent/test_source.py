"""What the agent may be written in, and that it and the resources agree."""

import ast
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from flaskwright import agent, resources
from flaskwright.agent.handler import HANDLERS, Act, Handler
from flaskwright.agent.kinds import MODULES
from flaskwright.resources.base import Resource

SOURCES = sorted(Path(agent.__file__).parent.glob("*.py"))
PRODUCT = Path(agent.__file__).parents[1]
TASKS = sorted((PRODUCT.parent / "tasks").glob("*.py"))
PIP_DOES_SO = ("declared",)  # what pip takes for a line of the requirements is one
SHARED = ("hiding", "linebuffer", "spellings", "text")  # also the operator's side's
KINDS = {
    cls.kind: cls
    for cls in vars(resources).values()
    if isinstance(cls, type) and issubclass(cls, Resource) and hasattr(cls, "kind")
}


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


def test_each_kind_of_resource_has_a_handler() -> None:
    assert set(MODULES) == set(HANDLERS) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_handler_has_the_fields_of_its_resource(kind: str) -> None:
    handler, resource = HANDLERS[kind], KINDS[kind]
    assert HANDLERS[kind].__module__ == f"flaskwright.agent.{MODULES[kind]}"
    assert issubclass(handler, Act) == issubclass(resource, resources.Act)
    annotated = {
        name
        for cls in handler.__mro__
        if cls not in (Handler, Act, object)
        for name in vars(cls).get("__annotations__", {})
    }
    assert annotated == {field.name for field in fields(resource)}


@pytest.mark.parametrize(
    "path", [*SOURCES, *sorted(PRODUCT.glob("*.py")), *TASKS], ids=lambda path: path.stem
)
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
