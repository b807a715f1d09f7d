"""The house's proportions: small modules, short functions that read downward."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.lint.sources import Source, sources

ROOMS = ("flaskwright", "tasks", "guides", "sandbox", "bench", "examples", "docs")
FILE, FUNCTION = 250, 30  # lines


def findings(root: Path) -> Iterator[str]:
    """Give the files and the functions that are longer than agreed."""
    for source in sources(root, ROOMS):
        yield from _of_file(source)
        yield from _of_functions(source)


def _of_file(source: Source) -> Iterator[str]:
    lines = len(source.text.split("\n")) - 1
    if lines > FILE:
        yield f"{source.name}: {lines} lines; at most {FILE}"


def _of_functions(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION:
                where = f"{source.name}:{node.lineno}: {node.name}"
                yield f"{where} has {lines} lines; at most {FUNCTION}"
