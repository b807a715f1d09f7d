"""How a table of hosts.toml is declared: a dataclass whose fields say kind, sentence, default."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from copy import copy
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, NamedTuple, TypeVar, dataclass_transform, overload

from .did_you_mean import did_you_mean
from .problems import Place
from .values import Kind

T = TypeVar("T")
D = TypeVar("D")


class Key(NamedTuple):
    """A declared key; `later` is refused so far, and with `guides` it is for those only."""

    name: str
    kind: Kind[Any]
    sentence: str
    default: Any
    later: bool
    guides: tuple[str, ...]

    @property
    def required(self) -> bool:
        """Whether the key must be there."""
        return self.default is MISSING


@overload
def key(kind: Kind[T], sentence: str) -> T: ...
@overload
def key(
    kind: Kind[T], sentence: str, *, default: D, later: bool = ..., guides: tuple[str, ...] = ...
) -> T | D: ...
def key(
    kind: Kind[Any],
    sentence: str,
    *,
    default: Any = MISSING,
    later: bool = False,
    guides: tuple[str, ...] = (),
) -> Any:
    """Declare one key; without a default it is required."""
    metadata = {"key": Key("", kind, sentence, default, later, guides)}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), hash=False, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(key,))
def table(cls: type[T]) -> type[T]:
    """Make a class of declared keys a table."""
    return dataclass(frozen=True, kw_only=True)(cls)


def declared(cls: type) -> Iterator[Key]:
    """Yield the keys of a table in the order of their declaration."""
    for item in fields(cls):
        yield item.metadata["key"]._replace(name=item.name)


class Table(Kind[T]):
    """A table with declared keys: the walker of hosts.toml."""

    words = label = "a table"

    def __init__(self, cls: type[T]) -> None:
        self.cls = cls

    def read(self, value: object, place: Place) -> T:
        """Return the table, also after complaints: a key that is wrong is empty, or None."""
        if not isinstance(value, dict):
            raise self.unlike(value)
        keys = {item.name: item for item in declared(self.cls)}
        for name in [name for name in value if name not in keys]:
            place.child(name).complain(self._unknown(name, keys))
        return self.cls(**{name: _value(item, value, place) for name, item in keys.items()})

    def _unknown(self, name: str, keys: Collection[str]) -> str:
        """Return what to say of a key that is none, or none any more (`RENAMED` of the class)."""
        from . import other_words

        if now := getattr(self.cls, "RENAMED", {}).get(name):
            return f'is called "{now}" now'
        known = other_words.remark(self.cls.__name__, name, keys)
        return known or f"unknown key{did_you_mean(name, keys)}"

    def schema(self) -> dict[str, Any]:
        """Return an object that has no other keys."""
        keys = [item for item in declared(self.cls) if not item.later]
        required = [item.name for item in keys if item.required]
        return {
            "type": "object",
            "description": self.cls.__doc__,
            "properties": {item.name: _schema(item) for item in keys},
            **({"required": required} if required else {}),
            "additionalProperties": False,
        }


def _value(item: Key, values: dict[str, Any], place: Place) -> Any:
    at = place.child(item.name)
    if item.name in values:
        value = item.kind.read_at(at, values[item.name])
        return _empty(item) if value is None else value
    if item.required:
        at.complain(f"missing; should be {item.kind.words}")
        return None
    return copy(item.default)


def _empty(item: Key) -> Any:
    return type(item.default)() if isinstance(item.default, dict | tuple) else None


def _schema(item: Key) -> dict[str, Any]:
    schema = {**item.kind.schema(), "description": item.sentence}
    if item.required or item.default is None:
        return schema
    return {**schema, "default": item.kind.spelled(item.default)}
