"""What is sent to a host."""

from __future__ import annotations

import ast
import bz2
import json
from pathlib import Path
from typing import Any

import pytest

from flaskwright.link import payload
from flaskwright.plan import plan
from tasks import daily
from tests.hosts_file import host_in

NOTHING: dict[str, Any] = {"mode": "check", "app": "blog", "resources": []}


@pytest.fixture(autouse=True)
def fresh() -> None:
    payload._agent.cache_clear()


@pytest.mark.parametrize(
    ("guide", "more", "limit"),
    [("raspberry-pi", "", 96 * 1024), ("ubuntu", "mysql = {}", 104 * 1024)],
)
def test_the_whole_guide_is_small_on_the_wire(
    tmp_path: Path, guide: str, more: str, limit: int
) -> None:
    keys = f'domain = "blog.example.org"\n{more}'
    host = host_in(tmp_path, host=keys, app='migrate = "flask db upgrade"', guide=guide)
    planned = daily.deploy.resources(host)
    size = payload.payload_size(plan.make(host, planned).payload("apply"))
    assert size < limit, size


def test_what_a_plan_does_not_need_stays_here() -> None:
    small, large = ({**NOTHING, "resources": [{"kind": kind}]} for kind in ("link", "release"))
    assert payload.payload_size(small) < payload.payload_size(large)


@pytest.mark.parametrize(
    ("plan", "travels"),
    [
        ({"mode": "apply", "app": "blog"}, True),
        ({"mode": "check", "app": "blog"}, False),
        ({"mode": "apply", "app": None}, False),
    ],
)
def test_what_a_transaction_needs_travels_with_what_may_become_one(
    plan: dict[str, Any], travels: bool
) -> None:
    sources = sent({**NOTHING, **plan})
    parts = {"handover", "transaction", "undo", "cutover"}
    assert (parts <= set(sources)) is travels
    assert bool(parts & set(sources)) is travels


def test_what_travels_is_all_that_it_imports() -> None:
    sources = sent({**NOTHING, "mode": "apply", "resources": [{"kind": "serving"}]})
    for text in sources.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.level:
                names = [node.module] if node.module else [alias.name for alias in node.names]
                assert set(names) <= set(sources)


def sent(plan: dict[str, Any]) -> dict[str, str]:
    """The agent's sources as they are sent with a plan."""
    _, _, size, rest = b"".join(payload.opening(plan, "")).split(b"\n", 3)
    sources: dict[str, str] = json.loads(bz2.decompress(rest[: int(size)]))[0]
    return sources


def test_the_command_fits_every_shell() -> None:
    assert "\n" not in payload.COMMAND
    assert payload.COMMAND.count("'") == 4


@pytest.mark.parametrize("path", sorted(payload.AGENT.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_as_it_is_sent_is_the_same_program_line_by_line(path):
    source = path.read_text("utf-8")

    told, expected = ast.parse(payload.bare(source)), Untyped().visit(ast.parse(source))

    expected.body = [node for node in expected.body if "TYPE_CHECKING" not in head(node)]
    assert ast.dump(told) == ast.dump(expected)
    assert [node.lineno for node in told.body] == [node.lineno for node in expected.body]


class Untyped(ast.NodeTransformer):
    """A program without its docstrings' texts and without annotations."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            node.body[0].value.value = ""
        return super().generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return None
        return ast.copy_location(ast.Assign([node.target], self.visit(node.value)), node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None if node.module == "__future__" else node


def head(node: ast.stmt) -> str:
    """What an assignment is to, or a condition about."""
    place = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "test", node)
    return place.id if isinstance(place, ast.Name) else ""
