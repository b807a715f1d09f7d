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
