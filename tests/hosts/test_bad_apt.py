"""apt that is busy, broken, or has nothing to offer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .conftest import Live
from .trouble import converges, steady, told

HOLD = """
import ctypes, fcntl, time
ctypes.CDLL(None).prctl(15, b"unattended-upgr")
lock = open("/var/lib/dpkg/lock-frontend", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
time.sleep(3)
"""
AWAY = """
sudo apt-get clean
sudo cp --archive /etc/apt /etc/apt.away
sudo mv /var/lib/apt/lists /var/lib/apt/lists.away
sudo rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*
"""
BACK = """
sudo rm -rf /etc/apt /var/lib/apt/lists
sudo mv /etc/apt.away /etc/apt
sudo mv /var/lib/apt/lists.away /var/lib/apt/lists
"""
BROKEN = """
mkdir -p /tmp/broken/DEBIAN && cd /tmp/broken
printf 'Package: broken\\nVersion: 1\\nArchitecture: all\\nMaintainer: me\\nDescription: x\\n' \
    >DEBIAN/control
printf '#!/bin/sh\\necho the disk is too hot; exit 3\\n' >DEBIAN/postinst
chmod 755 DEBIAN/postinst
dpkg-deb --build . /tmp/broken.deb >/dev/null
sudo dpkg --install /tmp/broken.deb >/dev/null 2>&1
true
"""


@pytest.fixture(scope="module", autouse=True)
def cured(live: Live) -> Iterator[None]:
    """In the end the host has to be as good as new."""
    yield
    converges(live)


@pytest.fixture(autouse=True)
def without_git(live: Live) -> None:
    """Each test begins without git, which setup installs."""
    live.shell("sudo dpkg --remove --force-depends git >/dev/null 2>&1")


def test_held_by_another_process(live: Live) -> None:
    live.shell(f"sudo systemd-run --quiet python3 -c '{HOLD}'; sleep 0.5")
    said = live.deploy()
    assert "waiting for apt, held by unattended-upgr (pid " in said.err


@pytest.fixture
def without_lists(live: Live) -> Iterator[None]:
    """apt with neither sources nor lists of what they have."""
    live.shell(AWAY)
    yield
    live.shell(BACK)


@pytest.mark.usefixtures("without_lists")
def test_package_servers_that_are_not_reached(live: Live) -> None:
    live.shell("echo 'deb http://127.0.0.1:1/debian stable main' | sudo tee /etc/apt/sources.list")
    with steady(live):
        said = live.project.on_host("deploy")
        told(said, 1, "no package git", "does not reach its package servers", "network and DNS")


@pytest.mark.usefixtures("without_lists")
def test_no_package_servers(live: Live) -> None:
    with steady(live):
        told(live.project.on_host("deploy"), 1, "no package git", "none of this host's", "policy")


def test_a_package_that_is_held(live: Live) -> None:
    live.shell("sudo apt-mark hold git")
    with steady(live):
        told(live.project.on_host("deploy"), 1, "were not installed", "Held packages", "  next  ")
    live.shell("sudo apt-mark unhold git")


def test_another_package_that_does_not_install(live: Live) -> None:
    live.shell(BROKEN)
    with steady(live):
        said = live.project.on_host("deploy")
        told(said, 1, "were not installed", "error processing package broken", "exit status 3")
    live.shell("sudo dpkg --remove --force-remove-reinstreq broken >/dev/null")


def test_an_interrupted_dpkg_is_finished(live: Live) -> None:
    live.shell("sudo touch /var/lib/dpkg/updates/0001")
    assert "dpkg was interrupted" in live.shell("sudo apt-get install git 2>&1", check=False)
    live.deploy()
