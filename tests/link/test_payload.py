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

KEYS = """
domain = "blog.example.org"
aliases = ["www.example.org", "blog.example.net", "www.example.net"]
"""
APP = """
migrate = "flask db upgrade"
shared = ["instance/", "uploads/"]
secrets = ["blog/database", "blog/mail", "blog/payments"]
"""


@pytest.fixture(params=[("raspberry-pi", ""), ("ubuntu", "mysql = {}")], ids=lambda given: given[0])
def deploy(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """The plan of a deploy with all that a guide has."""
    guide, more = request.param
    host = host_in(tmp_path, host=KEYS + more, app=APP, guide=guide)
    return plan.make(host, daily.deploy.resources(host)).payload("apply")


def test_a_deploy_is_small_on_the_wire(deploy: dict[str, Any]) -> None:
    size = payload.payload_size(deploy)
    assert size <= 24 << 10, size


def test_so_is_one_with_the_whole_agent(deploy: dict[str, Any]) -> None:
    size = payload.payload_size(deploy, lacks_agent=True)
    assert size <= 256 << 10, size


def test_the_digest_of_the_agent_is_sent_before_there_is_a_plan() -> None:
    first, second, size, rest = payload.head("/var/lib/flaskwright", "secret").split(b"\n", 3)
    assert (first, second, int(size)) == (b"secret", b"secret", len(rest))
    loader, digest, state = json.loads(bz2.decompress(rest))
    assert loader == (payload.AGENT / "loader.py").read_text()
    assert digest == payload.digest()
    assert state == "/var/lib/flaskwright"


def test_the_plan_is_what_follows(deploy: dict[str, Any]) -> None:
    size, rest = payload.opening(deploy).split(b"\n", 1)
    assert int(size) == len(rest)
    assert json.loads(bz2.decompress(rest)) == json.loads(json.dumps(deploy))


def test_packages_of_the_agent_hold_nothing_but_a_word() -> None:
    """So the host has them empty; see agent/loader.py."""
    for path in payload.AGENT.rglob("__init__.py"):
        (only,) = ast.parse(path.read_text()).body
        assert isinstance(only, ast.Expr), path


def test_the_command_fits_every_shell() -> None:
    assert "\n" not in payload.COMMAND
    assert payload.COMMAND.count("'") == 4
