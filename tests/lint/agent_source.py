"""What the agent may be written in: Python 3.7, and of imports the standard library and itself."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.lint.sources import Source, sources

AGENT = ("flaskwright/agent",)


def findings(root: Path) -> Iterator[str]:
    """Give what an old host's Python would not read, or does not have."""
    for source in sources(root, AGENT):
        yield from _syntax(source)
        yield from _imports(source)


def _syntax(source: Source) -> Iterator[str]:
    try:
        ast.parse(source.text, feature_version=(3, 7))
    except SyntaxError as error:
        yield f"{source.name}:{error.lineno}: no Python 3.7: {error.msg}"


def _imports(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        for name in _imported(node):
            if name.partition(".")[0] not in sys.stdlib_module_names:
                yield f"{source.name}:{node.lineno}: {name} is not in the standard library"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module or ""]
    return []
