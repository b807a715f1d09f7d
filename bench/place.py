"""Where it is measured: a throw-away host, near and behind a long line, and an app to deploy."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import sandbox
from bench import relay
from bench.programs import ROOT, BenchError, run
from flaskwright.errors import FlaskwrightError

HOST, NAME = "bench", "bench.test"
NEAR, FAR = "near", "far"  # the links to it
APP, HEALTH = "guestbook", "/health"
ROUND_TRIP = 0.1  # seconds
PATIENCE = 5.0  # seconds until the page has to be there

HOSTS_TOML = f"""\
[apps.{APP}]
repo = "app"
health = "{HEALTH}"
env = {{ DATABASE = "{{shared}}/guestbook.db" }}

[hosts.{HOST}]
guide = "raspberry-pi"
app = "{APP}"
address = "{NAME}"
"""

SSH_CONFIG = f"""\
Host {NAME}
    HostName {{address}}
    Port {{port}}
    User {{host.user}}
    IdentityFile {{host.identity}}
    IdentitiesOnly yes
    HostKeyAlias {HOST}
    UserKnownHostsFile {{known_hosts}}
    StrictHostKeyChecking yes
"""


@dataclass(frozen=True)
class Place:
    """A scratch directory with all settings, and the address of the host."""

    directory: Path
    address: str

    def ssh_config(self, link: str) -> Path:
        """The settings of ssh for NAME over a link."""
        return self.directory / f"{link}.conf"

    @property
    def known_hosts(self) -> Path:
        """The host's key, under each of its names."""
        return self.directory / "known_hosts"

    @property
    def hosts_toml(self) -> Path:
        """NAME as a host of Flaskwright."""
        return self.directory / "hosts.toml"

    @property
    def repository(self) -> Path:
        """The app's repository."""
        return self.directory / "app"

    def ssh(self, link: str, command: str) -> list[str]:
        """The command line of plain ssh."""
        return ["ssh", "-F", str(self.ssh_config(link)), NAME, command]

    def bundle(self) -> Path:
        """The app's repository as one file."""
        bundle = self.directory / "app.bundle"
        run("git", "-C", self.repository, "bundle", "create", "--quiet", bundle, "HEAD", "main")
        return bundle

    def wait_for_page(self) -> None:
        """Return when the page is served; nginx takes a moment after a reload."""
        end = time.monotonic() + PATIENCE
        while (said := self._ask()) != HTTPStatus.OK:
            if time.monotonic() > end:
                raise BenchError(f"the page is not served: {said}")
            time.sleep(0.01)

    def _ask(self) -> int | OSError:
        """The status of the page, or what is in the way of an answer."""
        with closing(HTTPConnection(self.address, timeout=PATIENCE)) as connection:
            try:
                connection.request("GET", HEALTH, headers={"Host": NAME})
                return connection.getresponse().status
            except OSError as error:
                return error


@contextmanager
def ready() -> Iterator[Place]:
    """Boot the host and start the relay; both are gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        host = sandbox.up(HOST)
        with relay.running(host.address, host.port, ROUND_TRIP) as far:
            yield _written(directory, host, far)
    finally:
        with suppress(FlaskwrightError):  # it never came up
            sandbox.down(HOST)
        shutil.rmtree(directory, ignore_errors=True)


def pristine() -> None:
    """Make the host what it was before anything was installed."""
    sandbox.reset(HOST)


def _written(directory: Path, host: sandbox.SandboxHost, far: int) -> Place:
    place = Place(directory, host.address)
    place.hosts_toml.write_text(HOSTS_TOML)
    for link, address, port in (NEAR, host.address, host.port), (FAR, "127.0.0.1", far):
        place.ssh_config(link).write_text(
            SSH_CONFIG.format(address=address, port=port, host=host, known_hosts=place.known_hosts)
        )
    place.known_hosts.write_text(_known(host, f"{HOST},{host.address},[127.0.0.1]:{far}"))
    shutil.copytree(
        ROOT / "examples" / APP, place.repository, ignore=shutil.ignore_patterns("__pycache__")
    )
    _commit(place.repository)
    return place


def _known(host: sandbox.SandboxHost, names: str) -> str:
    """The line of known_hosts for the host's key under other names."""
    for line in host.known_hosts.read_text().splitlines():
        known, _, key = line.partition(" ")
        if host.address in known.split(","):
            return f"{names} {key}\n"
    raise BenchError(f"the key of {host.address} is not known")


def _commit(repository: Path) -> None:
    by = ("-c", "user.name=bench", "-c", "user.email=bench@bench.test")
    run("git", "-C", repository, "init", "--quiet", "--initial-branch=main")
    run("git", "-C", repository, "add", "--all")
    run("git", "-C", repository, *by, "commit", "--quiet", "--message=The app")
