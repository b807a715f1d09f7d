"""The throw-away hosts themselves, in a place of their own beside that of the other tests."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import sandbox
from flaskwright.errors import UsageError
from sandbox import image
from sandbox.state import lab

from .conftest import Shell
from .project import Project

RESET_SECONDS = 3.0


@pytest.fixture(scope="module")
def place(able: None) -> Iterator[Path]:
    """An empty state directory that borrows the images of the usual one."""
    usual = lab().root
    place = usual.with_name(f"{usual.name}-test")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLASKWRIGHT_SANDBOX", str(place))
        sandbox.purge()
        lab().make()
        for built in map(image.current, image.SUITES):
            if (usual / "images" / built).exists():
                (lab().images / built).symlink_to(usual / "images" / built)
        yield place
        sandbox.purge()


@pytest.fixture(scope="module")
def project(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Where `./fab` is typed."""
    return Project(tmp_path_factory.mktemp("sandbox"), "one")


def test_nothing_there_at_first(project: Project) -> None:
    said = project.fab("sandbox.status")
    assert (said.code, said.out.split()) == (0, ["name", "suite", "address", "state"])
    assert project.fab("sandbox.down").code == 0
    assert project.fab("sandbox.reset", "--name", "one").code == 64
    asked = project.on_host("status")
    assert asked.code == 5, str(asked)
    assert "sandbox.up" in asked.err


def test_up(project: Project) -> None:
    for name, suite in (("one", "bookworm"), ("two", "trixie")):
        said = project.fab("sandbox.up", "--name", name, "--suite", suite)
        assert said.code == 0, str(said)
        assert [name, suite] == said.out.split()[:2]
    rows = [line.split() for line in project.fab("sandbox.status").out.splitlines()[1:]]
    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("one", "bookworm", "up"),
        ("two", "trixie", "up"),
    ]
    with pytest.raises(UsageError, match="it is there already, made of trixie"):
        sandbox.up("two", "bookworm")


def test_a_host_is_a_debian_with_systemd_and_a_user(project: Project) -> None:
    for name, codename in (("one", "bookworm"), ("two", "trixie")):
        shell = Shell(sandbox.host(name))
        assert shell("id -un; hostname; ps -o comm= -p 1").split() == ["pi", name, "systemd"]
        assert f"VERSION_CODENAME={codename}\n" in shell("cat /etc/os-release")
        assert shell("systemctl is-system-running --wait") == "running\n"
        assert shell("sudo -n id -u") == "0\n"
        assert shell("dpkg -l nginx 2>&1", check=False).count("ii  nginx") == 0


def test_hosts_know_each_other_by_name(project: Project) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        found = Shell(sandbox.host(name))(f"getent ahostsv4 {other}.test").split()[0]
        assert found == sandbox.host(other).address


def test_ssh(project: Project) -> None:
    said = project.fab("sandbox.ssh", "--name", "two", given="hostname\n")
    assert (said.code, said.out.splitlines()[-1]) == (0, "two")


def test_reset_is_fast_and_thorough(project: Project) -> None:
    address = sandbox.host("one").address
    Shell(sandbox.host("one"))("echo changed | sudo tee /etc/motd /srv/file")
    began = time.monotonic()
    said = project.fab("sandbox.reset", "--name", "one")
    assert time.monotonic() - began < RESET_SECONDS
    assert said.code == 0, str(said)
    shell = Shell(sandbox.host("one"))
    assert "changed" not in shell("cat /etc/motd; ls /srv")
    assert sandbox.host("one").address == address


def test_power(project: Project) -> None:
    Shell(sandbox.host("one"))("echo kept | sudo tee /srv/kept")
    for end in (sandbox.poweroff, sandbox.power_cut):
        end("one")
        assert not sandbox.host("one").running
        assert "off" in project.fab("sandbox.status").out
        with pytest.raises(OSError):
            socket.create_connection((sandbox.host("one").address, 22), timeout=1)
        assert Shell(sandbox.boot("one"))("cat /srv/kept") == "kept\n"


def test_layer(project: Project) -> None:
    Shell(sandbox.host("one"))("echo frozen | sudo tee /srv/frozen")
    sandbox.freeze("one", "layer")
    assert sandbox.has_layer("layer")
    assert Shell(sandbox.up("three", layer="layer"))("cat /srv/frozen") == "frozen\n"
    with pytest.raises(UsageError, match="in use"):
        sandbox.forget("layer")


def test_down(project: Project, place: Path) -> None:
    assert left(place, "three")
    assert project.fab("sandbox.down", "--name", "three").code == 0
    assert left(place, "three") == []
    assert [host.name for host in sandbox.status()] == ["one", "two"]
    assert Shell(sandbox.host("two"))("hostname") == "two\n"
    bridge = f"fw{json.loads(lab().network.read_text())['number']}"
    assert len(left_of_network(bridge)) > 1
    assert project.fab("sandbox.down").code == 0
    assert sandbox.status() == []
    assert left(place) == []
    assert left_of_network(bridge) == []
    assert list(lab().images.iterdir()), "the images stay"


def test_down_all(project: Project, place: Path) -> None:
    assert project.fab("sandbox.down", "--all").code == 0
    assert not place.exists()


def left(place: Path, name: str = "") -> list[str]:
    """Return the mounts and the processes of a host, or of all."""
    sign = str(place / "hosts" / name)
    mounts = [line for line in Path("/proc/mounts").read_text().splitlines() if sign in line]
    processes = subprocess.run(["pgrep", "-af", sign], capture_output=True, text=True, check=False)
    return mounts + processes.stdout.splitlines()


def left_of_network(bridge: str) -> list[str]:
    """Return what mentions the bridge: interfaces, rules."""
    said = [
        subprocess.run(argv, capture_output=True, text=True, check=True).stdout
        for argv in (["ip", "-o", "link"], ["nft", "list", "tables"])
    ]
    return re.findall(rf".*\b{bridge}\b.*", "".join(said))
