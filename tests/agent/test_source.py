"""That the agent and the resources agree; what it may be written in is in tests/lint."""

import ast
from dataclasses import fields
from pathlib import Path

import pytest

from flaskwright import agent, resources
from flaskwright.agent.handler import HANDLERS, Act, Handler
from flaskwright.agent.kinds import MODULES
from flaskwright.resources.base import Resource

SHARED = ("hiding", "linebuffer", "spellings", "text")  # also the operator's side's
KINDS = {
    cls.kind: cls
    for cls in vars(resources).values()
    if isinstance(cls, type) and issubclass(cls, Resource) and hasattr(cls, "kind")
}


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


@pytest.mark.parametrize("name", SHARED)
def test_what_both_sides_spell_alike_stands_on_itself(name: str) -> None:
    tree = ast.parse((Path(agent.__file__).parent / f"{name}.py").read_text())
    relative = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
    assert {node.module for node in relative} <= set(SHARED)
