"""Throw-away hosts as a person types them: ./fab sandbox.*, in a place of their own."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import sandbox
from sandbox.state import lab

from .conftest import Shell
from .place import own_place
from .project import Project

RESET_SECONDS = 3.0


@pytest.fixture(scope="module")
def alone(place: Path) -> Iterator[Path]:
    """A state directory without a host."""
    with own_place("alone") as alone:
        yield alone


@pytest.fixture(scope="module")
def project(alone: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
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
    again = project.fab("sandbox.up", "--name", "two", "--suite", "bookworm")
    assert (again.code, "made of trixie" in again.err) == (64, True), str(again)


def test_each_is_a_pristine_debian(project: Project) -> None:
    for name, codename in (("one", "bookworm"), ("two", "trixie")):
        shell = Shell(sandbox.host(name))
        assert shell("id -un; hostname; ps -o comm= -p 1").split() == ["pi", name, "systemd"]
        assert f"VERSION_CODENAME={codename}\n" in shell("cat /etc/os-release")
        assert "ii  nginx" not in shell("dpkg -l nginx 2>&1", check=False)


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


def test_down(project: Project, alone: Path) -> None:
    assert left(alone, "one")
    assert project.fab("sandbox.down", "--name", "one").code == 0
    assert left(alone, "one") == []
    assert [host.name for host in sandbox.status()] == ["two"]
    assert Shell(sandbox.host("two"))("hostname") == "two\n"
    bridge = f"fw{json.loads(lab().network.read_text())['number']}"
    assert len(left_of_network(bridge)) > 1
    assert project.fab("sandbox.down").code == 0
    assert sandbox.status() == []
    assert left(alone) == []
    assert left_of_network(bridge) == []
    assert list(lab().images.iterdir()), "the images stay"


def test_down_all(project: Project, alone: Path) -> None:
    assert project.fab("sandbox.down", "--all").code == 0
    assert not alone.exists()


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
