"""Resources here and handlers in the agent, held against each other."""

import dataclasses
import importlib
import inspect
import pkgutil

import pytest

from flaskwright import resources
from flaskwright.agent import kinds
from flaskwright.agent.engine import handler
from flaskwright.resources.base import Act, Resource


def _concrete(cls):
    for below in cls.__subclasses__():
        if "kind" in vars(below):
            yield below
        yield from _concrete(below)


for wing in pkgutil.iter_modules(resources.__path__):
    importlib.import_module(f"{resources.__name__}.{wing.name}")
RESOURCES = {cls.kind: cls for cls in _concrete(Resource)}


def test_each_kind_has_a_handler_and_each_handler_a_kind():
    for module in set(kinds.KINDS.values()):
        kinds.module(module)

    assert set(kinds.KINDS) == set(RESOURCES) == set(handler.HANDLERS)


@pytest.mark.parametrize("kind", RESOURCES)
def test_a_handler_declares_the_fields_that_its_resource_sends(kind):
    kinds.load(kind)
    ours = {field.name for field in dataclasses.fields(RESOURCES[kind])}
    lines = handler.HANDLERS[kind].__mro__
    theirs = {name for cls in lines for name in inspect.get_annotations(cls)}

    assert ours <= theirs


@pytest.mark.parametrize("kind", RESOURCES)
def test_a_handler_declares_nothing_else(kind):
    kinds.load(kind)
    ours = {field.name for field in dataclasses.fields(RESOURCES[kind])}
    classes = handler.HANDLERS[kind].__mro__
    stated = [cls for cls in classes if cls not in (handler.Handler, handler.Act)]

    assert {name for cls in stated for name in inspect.get_annotations(cls)} == ours


@pytest.mark.parametrize("kind", RESOURCES)
def test_acts_are_acts_on_both_sides(kind):
    kinds.load(kind)

    assert issubclass(RESOURCES[kind], Act) == issubclass(handler.HANDLERS[kind], handler.Act)
