"""What is written from the declaration: the JSON Schema, and the tables of docs/hosts-toml.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .keys import AppTable, HostTable, Top
from .table import Key, Table, declared

SCHEMA, PAGE = "docs/hosts.schema.json", "docs/hosts-toml.md"
BEGIN, END = "<!-- begin keys -->", "<!-- end keys -->"
SECTIONS = (
    ("The top of the file", Top),
    ("`[apps.NAME]`", AppTable),
    ("`[hosts.NAME]`", HostTable),
)


def pages(root: Path) -> dict[Path, str]:
    """Return the files of the project at `root` that are made from the declaration."""
    page = root / PAGE
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    return {
        root / SCHEMA: json.dumps(schema(), indent=2, ensure_ascii=False) + "\n",
        page: f"{before}{BEGIN}\n{reference()}\n{END}{after}",
    }


def schema() -> dict[str, Any]:
    """Return the JSON Schema of hosts.toml, without the keys that this version refuses."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "hosts.toml of Flaskwright",
        **Table(Top).schema(),
    }


def reference() -> str:
    """Return a table in Markdown for each table of hosts.toml, one row for each key."""
    return "\n\n".join(f"## {title}\n\n{_table(cls)}" for title, cls in SECTIONS)


def _table(cls: type) -> str:
    rows = [_row(path, item) for path, item in _keys(cls)]
    return "\n".join(["| key | value | default | |", "| --- | --- | --- | --- |", *rows])


def _keys(cls: type, above: str = "") -> Iterator[tuple[str, Key]]:
    for item in declared(cls):
        yield above + item.name, item
        if isinstance(item.kind, Table):
            yield from _keys(item.kind.cls, f"{above}{item.name}.")


def _row(path: str, item: Key) -> str:
    only = f" Guide {', '.join(item.guides)} only." if item.guides else ""
    later = " *Not yet in this version.*" if item.later else ""
    cells = (f"`{path}`", item.kind.label, _default(item), f"{item.sentence}{only}{later}")
    return f"| {' | '.join(cells)} |"


def _default(item: Key) -> str:
    if item.required:
        return "needed"
    if item.default in (None, "", (), {}):
        return ""
    if isinstance(item.default, dict):
        pairs = (f"{json.dumps(name)} = {json.dumps(text)}" for name, text in item.default.items())
        return f"`{{ {', '.join(pairs)} }}`"
    return f"`{json.dumps(item.kind.spelled(item.default))}`"
