"""An app that wants more memory than it may have: what is left of it serves on."""

from __future__ import annotations

import time

import pytest

from ..conftest import SUITES, Live, on
from ..visitor import ask, page

pytestmark = on(SUITES[0])

ROUTES = """
from app import app

@app.get("/probe/hog")
def hog():
    return str(len(b"x" * (600 << 20)))
"""
MAIN = "systemctl show -p MainPID --value 'guestbook@*' | sort -rn | head -n 1"


@pytest.fixture(scope="module")
def app(live: Live) -> Live:
    live.project.add("probe.py", ROUTES)
    live.project.declare(wsgi="probe:app", memory="200M")
    live.deploy()
    return live


def test_who_asks_for_too_much_is_ended_alone(app: Live) -> None:
    main, shown = app.shell(MAIN), page(app.address)

    answer = ask(app.address, "/probe/hog")

    assert answer is None or answer.status == 502
    deadline = time.monotonic() + 20
    while page(app.address) != shown:
        assert time.monotonic() < deadline
    assert app.shell(MAIN) == main


def test_a_command_has_the_same_bound(app: Live) -> None:
    said = app.project.on_host("run", "python3 -c 'len(b\"x\" * (600 << 20))'")
    assert said.code == 137, str(said)


def test_second_deploy_has_nothing_to_do(app: Live) -> None:
    assert "nothing to do" in app.deploy().err
