"""A place in hosts.toml, and how places, values and suggestions are written in a message."""

from __future__ import annotations

import json
import re

LONGEST = 60


PATH = re.compile(r"[A-Za-z0-9_-]+")


class Wrong(ValueError):
    """A value that cannot stay; the message completes `hosts.toml: path: …`."""


class Place:
    """A dotted path such as `hosts.pi.port`; all places of one file share their `problems`."""

    def __init__(self, file: str, path: str = "", problems: list[str] | None = None) -> None:
        self.file = file
        self.path = path
        self.problems = [] if problems is None else problems

    def child(self, *names: str) -> Place:
        """Return the place of a key below this one."""
        return Place(self.file, join(self.path, *names), self.problems)

    def item(self, index: int) -> Place:
        """Return the place of a list's item."""
        return Place(self.file, f"{self.path}[{index}]", self.problems)

    def complain(self, message: str) -> None:
        """Note a problem, with the file and the key that it is about."""
        where = f"{self.file}: {self.path}: " if self.path else f"{self.file}: "
        self.problems.append(where + message)


def join(*names: str) -> str:
    """Join names to a path, each as TOML has it: bare, or in quotes."""
    first, *rest = [name for name in names if name]
    return ".".join([first, *(name if PATH.fullmatch(name) else shown(name) for name in rest)])


def shown(value: object) -> str:
    """Return a value as a message may hold it: on one line, short, nothing that moves a cursor."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str | bool | int | float):
        text = visible(json.dumps(value, ensure_ascii=False))
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return str(value)


def visible(text: str) -> str:
    """Return a text with an escape for what a terminal would not show as it is."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
