"""A line ends at a newline: str.splitlines knows eight characters more, which strangers write."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.lint.sources import sources

ROOMS = ("flaskwright", "tasks")
PIP_DOES_SO = ("declared.py",)  # what pip takes for a line of the requirements is one


def findings(root: Path) -> Iterator[str]:
    """Give each use of str.splitlines."""
    for source in sources(root, ROOMS):
        if Path(source.name).name in PIP_DOES_SO:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and node.attr == "splitlines":
                yield f"{source.name}:{node.lineno}: splitlines; agent/common/text.py has `lines`"
