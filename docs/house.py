"""Tables of docs/architecture.md that say what the code says: wings, rooms, kinds of resources."""

import ast
import configparser
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from flaskwright import resources
from flaskwright.agent.kinds import KINDS
from flaskwright.resources.base import Resource

ROOT = Path(__file__).parent.parent
PRODUCT = ROOT / "flaskwright"


def tables() -> dict[str, str]:
    """Return each table by the name that its markers have."""
    return {
        "wings": _table("wing", _duties(PRODUCT / "agent", "wings", lowest_first=True)),
        "rooms": _table("room", _duties(PRODUCT, "rooms", lowest_first=False)),
        "kinds": _kinds(),
    }


def _table(what: str, rows: Iterator[tuple[str, str]]) -> str:
    return "\n".join([f"| {what} | duty |", "| --- | --- |", *(f"| {a} | {b} |" for a, b in rows)])


def _duties(place: Path, contract: str, lowest_first: bool) -> Iterator[tuple[str, str]]:
    """Yield what stands on one floor of a contract, a row each, with its first sentence."""
    floors = _layers(contract)
    for floor in reversed(floors) if lowest_first else floors:
        for name in floor:
            folder, file = place / name / "__init__.py", place / f"{name}.py"
            source = (folder if folder.exists() else file).read_text()
            yield f"`{name}`", (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def _layers(contract: str) -> list[list[str]]:
    """Return the floors of a layers contract of import-linter, the highest first."""
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter")
    lines = rules[f"importlinter:contract:{contract}"]["layers"].strip().split("\n")
    return [[name.strip() for name in line.split("|")] for line in lines]


def _kinds() -> str:
    """Return all kinds, with their class on the operator's side and their handler's module."""
    for module in pkgutil.iter_modules(resources.__path__):
        importlib.import_module(f"{resources.__name__}.{module.name}")
    classes = {cls.kind: cls for cls in _all_below(Resource) if hasattr(cls, "kind")}
    rows = [
        f"| `{kind}` | {_summary(classes[kind])} | `{_file(classes[kind])}` | `{handler}.py` |"
        for kind, handler in sorted(KINDS.items())
    ]
    head = "| kind | what it is | in `flaskwright/resources` | in `flaskwright/agent` |"
    return "\n".join([head, "| --- | --- | --- | --- |", *rows])


def _all_below(cls: type) -> Iterator[type]:
    for below in cls.__subclasses__():
        yield below
        yield from _all_below(below)


def _summary(cls: type) -> str:
    return (cls.__doc__ or "").strip().partition("\n")[0].replace("|", "\\|")


def _file(cls: type) -> str:
    return cls.__module__.rpartition(".")[2] + ".py"
