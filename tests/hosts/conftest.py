"""Throw-away hosts for tests; every test below this directory has the marker `host`.

`first` is a host on which the sample app was deployed once; `live` is the same, for each module as
it was then. A module says on which suites: `pytestmark = on(*SUITES)`, or `on("bookworm",
whole=["trixie"])` where trixie can hardly differ and is for `--whole`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import sandbox
from flaskwright.errors import FlaskwrightError
from sandbox import SandboxHost
from sandbox.network import recorded
from sandbox.state import lab

from .place import own_place
from .project import Project, Said

HERE = Path(__file__).parent
SUITES = ("bookworm", "trixie")
PREFIX = "test"
OLDEST = "bullseye"  # Python 3.9, systemd 247


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this directory."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.host)


def on(*suites: str, whole: Sequence[str] = ()) -> pytest.MarkDecorator:
    """Run a test on each of the suites, and on those of `whole` where everything is run.

    With all modules one suite is done after the other.
    """
    further = [pytest.param(suite, marks=pytest.mark.long) for suite in whole]
    return pytest.mark.parametrize("suite", [*suites, *further], indirect=True, scope="session")


@pytest.fixture(scope="session", autouse=True)
def place() -> Iterator[Path]:
    """Where the hosts of this session are; skips, with the reason, where there can be none."""
    try:
        sandbox.require()
    except FlaskwrightError as error:
        pytest.skip(f"{error.what} {error.why}")
    with own_place("test") as place:
        yield place


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


@dataclass(frozen=True)
class Live:
    """A host with an app: the project it is deployed from, and what the first deploy said."""

    project: Project
    said: Said

    @property
    def host(self) -> SandboxHost:
        """The host."""
        return sandbox.host(self.project.name)

    @property
    def layer(self) -> str:
        """What `first` has frozen of it, for other hosts to stand on."""
        return f"{self.project.name}-live"

    @property
    def address(self) -> str:
        """The host's address."""
        return self.host.address

    def shell(self, command: str, check: bool = True) -> str:
        """Run a shell command on the host as `pi`, by plain ssh."""
        return Shell(self.host)(command, check)

    def deploy(self, *arguments: str) -> Said:
        """Deploy, which has to succeed."""
        said = self.project.on_host("deploy", *arguments)
        assert said.code == 0, str(said)
        return said

    def current(self) -> str:
        """The live release."""
        return Path(self.shell("readlink /srv/guestbook/current").strip()).name


def bridge() -> str:
    """Return this machine's address on the bridge, once a host is up."""
    network = recorded(lab())
    assert network is not None
    return network.address(1)


@pytest.fixture(scope="session")
def suite(request: pytest.FixtureRequest) -> str:
    """The Debian release that `first` and `live` run."""
    return str(getattr(request, "param", SUITES[0]))


@pytest.fixture(scope="session")
def firsts(place: Path) -> Iterator[dict[str, Live]]:
    """The hosts of `first`, by suite: pytest forgets a fixture once another suite is asked for."""
    made: dict[str, Live] = {}
    yield made
    for live in made.values():
        sandbox.down(live.project.name)
        sandbox.forget(live.layer)


@pytest.fixture(scope="session")
def first(suite: str, firsts: dict[str, Live], tmp_path_factory: pytest.TempPathFactory) -> Live:
    """A pristine host with its first deploy; `sandbox.reset` leads back to this moment."""
    if suite not in firsts:
        name = f"{PREFIX}-{suite}"
        project = Project(tmp_path_factory.mktemp(suite), name, suite)
        live = Live(project, project.on_host("deploy"))
        sandbox.freeze(name, live.layer)
        firsts[suite] = live
    return firsts[suite]


@pytest.fixture(scope="module")
def live(first: Live) -> Live:
    """The host as it was after its first deploy, and its project as it was then."""
    assert first.said.code == 0, str(first.said)
    first.project.restore()
    sandbox.reset(first.project.name)
    return first


@pytest.fixture(scope="module")
def names() -> Iterator[list[str]]:
    """Names of hosts that a module has made; they are removed at its end."""
    made: list[str] = []
    yield made
    for name in made:
        sandbox.down(name)
