"""The Python files of the rooms of a repository, parsed."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Source:
    """A file: its name from the root on, its text, and what Python reads in it."""

    name: str
    text: str
    tree: ast.Module


def sources(root: Path, rooms: Sequence[str]) -> Iterator[Source]:
    """Give each file of those rooms, whatever its folder; hidden folders are nobody's."""
    for path in sorted(path for room in rooms for path in (root / room).rglob("*.py")):
        name = path.relative_to(root)
        if not any(part.startswith(".") for part in name.parts):
            text = path.read_text()
            yield Source(str(name), text, ast.parse(text, str(name)))
