"""Ways to a host that ssh knows, and host keys that nobody knows yet."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

import sandbox
from sandbox import SandboxHost

from .conftest import Live, on
from .project import APP, Project, Said, table
from .visitor import page

pytestmark = on("bookworm", whole=["trixie"])

DECLARED = {"guide": "raspberry-pi", "app": "guestbook"}
SSH = """
Host *
    User pi
    IdentityFile {identity}
    UserKnownHostsFile {known_hosts}
Host gate
    HostName {gate}
Host attic
    HostName {target}
    ProxyJump gate
"""


@pytest.fixture(scope="module")
def gate(live: Live, names: list[str]) -> SandboxHost:
    """A host to jump through."""
    names.append("test-gate")
    return sandbox.up("test-gate")


@pytest.fixture(scope="module")
def behind(live: Live, gate: SandboxHost) -> Live:
    """The host under a name of ssh_config, which says that it is behind the gate."""
    project, host = live.project, live.host
    text = SSH.format(
        identity=host.identity,
        known_hosts=host.known_hosts,
        gate=gate.address,
        target=host.address,
    )
    project.directory.joinpath("ssh_config").write_text(text)
    project.write(table("apps.guestbook", APP) + table("hosts.pi", DECLARED | {"address": "attic"}))
    return live


def through(live: Live, *arguments: str) -> Said:
    """Run `./fab` with the ssh_config."""
    return live.project.fab("-S", str(live.project.directory / "ssh_config"), *arguments)


def test_alias_and_jump_host(behind: Live, gate: SandboxHost) -> None:
    said = through(behind, "-H", "pi", "--", "echo $SSH_CONNECTION")
    assert said.code == 0, str(said)
    assert said.out.split()[0] == gate.address
    assert said.out.split()[2] == behind.address


def test_deploy_through_a_jump_host(behind: Live) -> None:
    behind.project.change("templates/index.html", "<h1>Guestbook", "<h1>From behind")
    said = through(behind, "-H", "pi", "deploy")
    assert said.code == 0, str(said)
    assert "<h1>From behind" in page(behind.address)
    assert "nothing to do" in through(behind, "-H", "pi", "deploy").err


def test_undeclared_names_of_ssh(behind: Live) -> None:
    said = through(behind, "-H", "attic", "--", "hostname")
    assert (said.code, said.out.strip()) == (0, behind.project.name)
    assert through(behind, "-H", "attic", "deploy").code == 64


def test_command_keeps_its_streams_and_its_status(behind: Live) -> None:
    said = through(behind, "-H", "pi", "--", "echo out; echo err >&2; exit 7")
    assert said.out == "out\n"
    assert "err\n" in said.err
    assert said.code == 7


@dataclass(frozen=True)
class Stranger:
    """A project with the host's address, and a known_hosts file that is not there yet."""

    project: Project
    identity: Path

    @property
    def known(self) -> Path:
        """The known_hosts file."""
        return self.project.directory / "ssh" / "known_hosts"

    def __call__(self, *arguments: str) -> Said:
        """Run `./fab` with this file in the place of the person's own."""
        config = self.project.directory / "ssh_config"
        config.write_text(f"UserKnownHostsFile {self.known}\nGlobalKnownHostsFile none\n")
        return self.project.fab("-i", str(self.identity), "-S", str(config), "-H", "pi", *arguments)


@pytest.fixture
def stranger(live: Live, tmp_path: Path) -> Stranger:
    """Somebody who has never seen the host."""
    project = Project(tmp_path, "pi", live.project.suite)
    place = DECLARED | {"address": live.address, "user": "pi"}
    project.write(table("apps.guestbook", APP) + table("hosts.pi", place))
    return Stranger(project, live.host.identity)


def test_unknown_host_key_is_refused(live: Live, stranger: Stranger) -> None:
    for task in (["deploy"], ["--", "true"]):
        refused = stranger(*task)
        assert refused.code == 5, str(refused)
        assert "hosts.trust" in refused.err
    assert stranger("hosts.trust").code == 64  # nobody is here to compare fingerprints
    assert stranger("hosts.trust", "--fingerprint", f"SHA256:{'A' * 43}").code == 5
    assert not stranger.known.exists()


def test_fingerprint_is_trusted(live: Live, stranger: Stranger) -> None:
    said = stranger("hosts.trust", "--fingerprint", fingerprint(live))
    assert said.code == 0, str(said)
    assert stranger.known.stat().st_mode & 0o777 == 0o600
    assert live.address not in stranger.known.read_text()
    assert stranger("--", "true").code == 0


def test_changed_host_key_is_refused(live: Live, stranger: Stranger) -> None:
    other = stranger.project.directory / "other"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)]
    subprocess.run(make, check=True)
    stranger.known.parent.mkdir()
    stranger.known.write_text(f"{live.address} {other.with_suffix('.pub').read_text()}")
    for task in (["deploy"], ["hosts.trust", "--yes"]):
        refused = stranger(*task)
        assert refused.code == 5, str(refused)
        assert fingerprint(live) in refused.err


def fingerprint(live: Live) -> str:
    """Return the fingerprint that the host's own console shows."""
    return live.shell("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").split()[1]
