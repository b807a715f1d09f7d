"""Throw-away hosts for tests; every test below this directory has the marker `host`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import sandbox
from flaskwright.errors import FlaskwrightError
from sandbox import SandboxHost

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this directory."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.host)


@pytest.fixture(scope="session", autouse=True)
def able() -> None:
    """Skip, with the reason, where this machine cannot run a host."""
    try:
        sandbox.require()
    except FlaskwrightError as error:
        pytest.skip(f"{error.what} {error.why}")


class Shell:
    """Plain ssh to a throw-away host, to look at it from outside of the product."""

    def __init__(self, host: SandboxHost) -> None:
        self.host = host

    def __call__(self, command: str, check: bool = True) -> str:
        """Run a shell command as the user `pi`, and return what it prints."""
        done = subprocess.run(
            [*self.host.ssh, command], capture_output=True, text=True, timeout=300,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def names() -> Iterator[list[str]]:
    """Names of hosts that a module has made; they are removed at its end."""
    made: list[str] = []
    yield made
    for name in made:
        sandbox.down(name)
