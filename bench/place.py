"""Where it is measured: a throw-away host, near and behind a long line, and an app to deploy."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import sandbox
from bench import page, relay
from bench.figures import tell
from bench.programs import ROOT, BenchError, run
from flaskwright.errors import FlaskwrightError

KIND = "bench"
HOST = f"{KIND}-{os.getpid()}"  # nobody else's, also while another bench is at work
NAME = f"{HOST}.test"
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

HTTPS_KEYS = f"""\
domain = "{NAME}"
acme = {{{{ server = "{{authority.server}}", ca = "{{authority.ca}}" }}}}
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
    """A scratch directory with all settings, and the address of the host.

    authority: gives the certificates of a site that is served over HTTPS; None for plain HTTP.
    """

    directory: Path
    address: str
    authority: sandbox.Authority | None = None

    @property
    def scheme(self) -> str:
        """How visitors come, in capitals."""
        return "HTTPS" if self.authority else "HTTP"

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
        return self.directory / f"{self.scheme}.toml"

    @property
    def repository(self) -> Path:
        """The app's repository."""
        return self.directory / "app"

    def ssh(self, link: str, command: str) -> list[str]:
        """The command line of plain ssh."""
        return ["ssh", "-F", str(self.ssh_config(link)), NAME, command]

    @contextmanager
    def meanwhile(self, program: str, *given: str) -> Iterator[dict[str, Any]]:
        """Run a program in Python here all the while, over the near link, until its input ends.

        The object that it prints as JSON is there at the end.
        """
        found: dict[str, Any] = {}
        command = shlex.join(["python3", "-c", program, *given])
        process = subprocess.Popen(
            self.ssh(NEAR, command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            yield found
            out, _ = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()
        found.update(json.loads(out))

    def bundle(self) -> Path:
        """The app's repository as one file."""
        bundle = self.directory / "app.bundle"
        run("git", "-C", self.repository, "bundle", "create", "--quiet", bundle, "HEAD", "main")
        return bundle

    def wait_for_page(self) -> None:
        """Return when the page is served; nginx takes a moment after a reload."""
        end = time.monotonic() + PATIENCE
        roots = self.authority.roots if self.authority else None
        while (said := page.status(self.address, NAME, HEALTH, roots)) != HTTPStatus.OK:
            if time.monotonic() > end:
                raise BenchError(f"the page is not served over {self.scheme}: {said}")
            time.sleep(0.01)


@contextmanager
def ready() -> Iterator[Place]:
    """Boot the host and start the relay; both are gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix=f"{HOST}-"))
    try:
        _sweep()
        host = sandbox.up(HOST)
        with relay.running(host.address, host.port, ROUND_TRIP) as far:
            yield _written(directory, host, far)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        _remove_host()


def with_https(place: Place) -> Place:
    """The same host with a domain, and beside it an authority until the host is removed."""
    secured = replace(place, authority=sandbox.certify(HOST))
    keys = HTTPS_KEYS.format(authority=secured.authority)
    secured.hosts_toml.write_text(HOSTS_TOML + keys)
    return secured


def pristine() -> None:
    """Make the host what it was before anything was installed."""
    sandbox.reset(HOST)


def _sweep() -> None:
    """Remove what benches have left that somebody killed."""
    for host in sandbox.status():
        kind, _, process = host.name.rpartition("-")
        if kind == KIND and process.isdigit() and not Path("/proc", process).exists():
            sandbox.down(host.name)
            for scratch in Path(tempfile.gettempdir()).glob(f"{host.name}-*"):
                shutil.rmtree(scratch)


def _remove_host() -> None:
    try:
        sandbox.down(HOST)  # with the authority and, if it was the last, the network
    except FlaskwrightError as error:
        tell(f"the host {HOST} could not be removed: {error}")


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
    run("git", "-C", place.repository, "init", "--quiet", "--initial-branch=main")
    commit(place.repository)
    return place


def commit(repository: Path) -> str:
    """Commit what is in the repository; gives the commit."""
    by = ("-c", "user.name=bench", "-c", "user.email=bench@bench.test")
    run("git", "-C", repository, "add", "--all")
    run("git", "-C", repository, *by, "commit", "--quiet", "--message=The app")
    return run("git", "-C", repository, "rev-parse", "HEAD").out.strip()


def _known(host: sandbox.SandboxHost, names: str) -> str:
    """The line of known_hosts for the host's key under other names."""
    for line in host.known_hosts.read_text().splitlines():
        known, _, key = line.partition(" ")
        if host.address in known.split(","):
            return f"{names} {key}\n"
    raise BenchError(f"the key of {host.address} is not known")
