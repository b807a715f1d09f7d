import os
import socket
from collections.abc import Iterator

import pytest

from flaskwright.agent.engine.run import Run
from flaskwright.agent.system import ports

from ..support import fields, result

ME = ports.comm(os.getpid())


@pytest.fixture(params=["127.0.0.1", "::1"])
def taken(request: pytest.FixtureRequest) -> Iterator[int]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    try:
        server = socket.create_server((request.param, 0), family=family)
    except OSError:
        pytest.skip(f"nobody can listen on {request.param} here")
    with server:
        yield server.getsockname()[1]


def test_a_port_of_the_owner_or_nobody_is_fine(run: Run, taken: int) -> None:
    assert result(run, fields("port", number=taken, owner=ME))["state"] == "ok"


def test_a_port_of_somebody_else_fails_in_a_dry_run_too(run: Run, dry_run: Run, taken: int) -> None:
    for one in (run, dry_run):
        found = result(one, fields("port", number=taken, owner="nginx"))
        assert found["what"] == f"port {taken} is taken, nginx should have it"
        assert found["why"] == f"{ME} (pid {os.getpid()}) listens on it"
        assert found["next"].endswith("then run the same command again")


def test_a_free_port(run: Run) -> None:
    with socket.create_server(("localhost", 0)) as server:
        number = server.getsockname()[1]
    assert result(run, fields("port", number=number, owner="nginx"))["state"] == "ok"
    assert ports.listening(number) == set()


def test_a_log_line_about_a_port_becomes_a_sentence(taken: int) -> None:
    bind = f"bind() to 0.0.0.0:{taken} failed (98: Address already in use)"
    line = f"2026/01/02 03:04:05 [emerg] 1#1: {bind}"
    assert ports.holder_in(line) == f"port {taken} is held by {ME} (pid {os.getpid()})"
    assert ports.holder_in("something else at 12:34") == ""
