"""Kinds of values: what each accepts, what it says when it does not, and its JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .did_you_mean import did_you_mean
from .problems import Place, Wrong, shown

T = TypeVar("T")
Refusal = Callable[[str], str | None]


class Kind(Generic[T]):
    """A kind of value; `words` completes "should be …", `label` names it in the reference."""

    words: str
    label: str
    quoted = True  # whether a complaint repeats the value

    def read(self, value: object, place: Place) -> T:
        """Return the checked value; raises Wrong, and parts of it complain at their own places."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of this kind."""
        raise NotImplementedError

    def spelled(self, value: Any) -> Any:
        """Return a value as JSON, and whoever writes hosts.toml, spells it."""
        return list(value) if isinstance(value, tuple) else value

    def read_at(self, place: Place, value: object) -> T | None:
        """Return the checked value, or None after a complaint at `place`."""
        try:
            return self.read(value, place)
        except Wrong as wrong:
            place.complain(str(wrong))
            return None

    def unlike(self, value: object) -> Wrong:
        """Return the Wrong that says what a value of this kind should be."""
        return Wrong(f"should be {self.words}{f', not {shown(value)}' if self.quoted else ''}")


class Text(Kind[str]):
    """Text that matches `pattern` as a whole; `refusals` come first and say why not."""

    def __init__(
        self,
        words: str,
        pattern: str,
        *refusals: Refusal,
        tidy: Callable[[str], str] = str,
        quoted: bool = True,
        label: str = "",
    ) -> None:
        self.words = words
        self.label = label or words
        self.pattern = pattern
        self.refusals = refusals
        self.tidy = tidy
        self.quoted = quoted

    def read(self, value: object, place: Place) -> str:
        """Return the text, tidied; raises Wrong for what is refused or of another form."""
        if not isinstance(value, str):
            raise self.unlike(value)
        for reason in filter(None, (refusal(value) for refusal in self.refusals)):
            raise Wrong(reason)
        if not re.fullmatch(self.pattern, value):
            raise self.unlike(value)
        return self.tidy(value)

    def schema(self) -> dict[str, Any]:
        """Return a string with its pattern."""
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}


def when(pattern: str, reason: str) -> Refusal:
    """Refuse a text in which `pattern` is found."""
    return lambda text: reason if re.search(pattern, text) else None


class OneOf(Kind[str]):
    """One of a few words."""

    def __init__(self, *choices: str) -> None:
        self.choices = choices
        self.words = self.label = "one of " + ", ".join(f'"{choice}"' for choice in choices)

    def read(self, value: object, place: Place) -> str:
        """Return the word, or complain with the closest one."""
        if value in self.choices:
            return str(value)
        near = did_you_mean(value, self.choices) if isinstance(value, str) else ""
        raise Wrong(f"{self.unlike(value)}{near}")

    def schema(self) -> dict[str, Any]:
        """Return an enumeration."""
        return {"enum": list(self.choices)}


class Whole(Kind[int]):
    """A whole number within bounds."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high
        self.words = "a whole number"
        self.label = f"a whole number from {low} to {high}"

    def read(self, value: object, place: Place) -> int:
        """Return the number; true and false are none."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.unlike(value)
        if not self.low <= value <= self.high:
            raise Wrong(f"should be from {self.low} to {self.high}, not {value}")
        return value

    def schema(self) -> dict[str, Any]:
        """Return an integer with its bounds."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


class Flag(Kind[bool]):
    """Yes or no."""

    words = label = "true or false"

    def read(self, value: object, place: Place) -> bool:
        """Return the truth value; 0 and "no" are none."""
        if isinstance(value, bool):
            return value
        raise self.unlike(value)

    def schema(self) -> dict[str, Any]:
        """Return a boolean."""
        return {"type": "boolean"}


class ListOf(Kind[tuple[T, ...]]):
    """A list of one kind, in which nothing stands twice."""

    def __init__(self, item: Kind[T]) -> None:
        self.item = item
        self.words = "a list"
        self.label = f"a list, each {item.label}"

    def read(self, value: object, place: Place) -> tuple[T, ...]:
        """Return the good items; bad ones complain as `path[0]`, `path[1]`."""
        if not isinstance(value, list):
            raise self.unlike(value)
        found: list[T] = []
        for index, raw in enumerate(value):
            at = place.item(index)
            item = self.item.read_at(at, raw)
            if item in found:
                at.complain(f"{shown(raw)} stands twice")
            elif item is not None:
                found.append(item)
        return tuple(found)

    def schema(self) -> dict[str, Any]:
        """Return an array."""
        return {"type": "array", "items": self.item.schema(), "uniqueItems": True}


class MapOf(Kind[dict[str, T]]):
    """A table whose keys are names that the user chose."""

    def __init__(self, name: Kind[str], item: Kind[T]) -> None:
        self.name, self.item = name, item
        self.words = "a table"
        self.label = f"a table: {name.label} = {item.label}"

    def read(self, value: object, place: Place) -> dict[str, T]:
        """Return the entries with a good value; an entry with a bad name complains, and stays."""
        if not isinstance(value, dict):
            raise self.unlike(value)
        found = {}
        for name, raw in value.items():
            self.name.read_at(place.child(name), name)
            item = self.item.read_at(place.child(name), raw)
            if item is not None:
                found[name] = item
        return found

    def schema(self) -> dict[str, Any]:
        """Return an object with a pattern for its names."""
        return {
            "type": "object",
            "propertyNames": self.name.schema(),
            "additionalProperties": self.item.schema(),
        }
