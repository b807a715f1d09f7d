"""Ways to a host that ssh knows, and host keys that nobody knows yet."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import sandbox
from sandbox import SandboxHost

from .conftest import SUITES, Live, on
from .project import APP, Project, Said, table
from .visitor import page

pytestmark = on(*SUITES)

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


@pytest.fixture
def stranger(live: Live, tmp_path: Path) -> Project:
    """A project at home in an empty directory, whose host is not known there."""
    project = Project(tmp_path / "project", "pi", live.project.suite)
    place = DECLARED | {"address": live.address, "user": "pi"}
    project.write(table("apps.guestbook", APP) + table("hosts.pi", place))
    return project


def test_unknown_host_key(live: Live, stranger: Project) -> None:
    home = {"HOME": str(stranger.directory)}
    known = stranger.directory / ".ssh/known_hosts"
    key = ("-i", str(live.host.identity), "-H", "pi")
    for task in (["deploy"], ["--", "true"], ["status"]):
        refused = stranger.fab(*key, *task, **home)
        assert refused.code == 5, str(refused)
        assert "hosts.trust" in refused.err
    right, wrong = fingerprint(live), f"SHA256:{'A' * 43}"
    assert stranger.fab(*key, "hosts.trust", **home).code == 64
    assert stranger.fab(*key, "hosts.trust", "--fingerprint", wrong, **home).code == 5
    assert not known.exists()
    trusted = stranger.fab(*key, "hosts.trust", "--fingerprint", right, **home)
    assert trusted.code == 0, str(trusted)
    assert known.stat().st_mode & 0o777 == 0o600
    assert live.address not in known.read_text()
    assert stranger.fab(*key, "--", "true", **home).code == 0
    again = stranger.fab(*key, "hosts.trust", **home)
    assert (again.code, "trusted already" in again.out) == (0, True)


def test_changed_host_key(live: Live, stranger: Project) -> None:
    other = stranger.directory / "other"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)]
    subprocess.run(make, check=True)
    known = stranger.directory / ".ssh/known_hosts"
    known.parent.mkdir()
    known.write_text(f"{live.address} {other.with_suffix('.pub').read_text()}")
    key = ("-i", str(live.host.identity), "-H", "pi")
    home = {"HOME": str(stranger.directory)}
    for task in (["deploy"], ["hosts.trust", "--yes"]):
        refused = stranger.fab(*key, *task, **home)
        assert refused.code == 5, str(refused)
        assert fingerprint(live) in refused.err


def fingerprint(live: Live) -> str:
    """Return the fingerprint that the host's own console shows."""
    return live.shell("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").split()[1]
