"""Disks that are full, out of inodes or read-only: told as such, and undone."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .conftest import Live
from .trouble import converges, steady, told

# /srv on a disk of its own, small enough to be filled
SMALL = """
set -e
sudo systemctl stop guestbook.socket 'guestbook@*.service'
sudo mv /srv /srv.away
sudo mkdir /srv
sudo mount -t tmpfs -o mode=755,size=300m,nr_inodes=50000 srv /srv
sudo cp --archive /srv.away/. /srv/
sudo systemctl start guestbook.socket guestbook@1.service
"""
FILL = "sudo fallocate --length $(($(df --output=avail -k /srv | tail -1) - {free}))k /srv/fill"
EMPTY = "sudo rm /srv/fill"
BIG = 8  # MB


@pytest.fixture(scope="module")
def small(live: Live) -> Iterator[Live]:
    """The host, its /srv on a small disk; in the end the next run has to converge."""
    live.shell(SMALL)
    yield live
    live.project.add("requirements.txt", "flask\niniconfig\n")
    picture(live)
    converges(live)


@pytest.fixture(autouse=True)
def cured(small: Live) -> Iterator[None]:
    """After each test there is room again: what was live is all there."""
    small.project.restore()
    yield
    small.project.restore()
    small.deploy()


def picture(live: Live) -> None:
    """Add a file that does not get smaller when it is packed."""
    (live.project.app / "static/picture").write_bytes(os.urandom(BIG << 20))
    live.project.commit("a picture")


def full(live: Live, free: int) -> None:
    """Deploy with so many KB free, which must not be enough; make room again."""
    live.shell(FILL.format(free=free))
    with steady(live):
        said = live.project.on_host("deploy")
        told(said, 1, "the disk is full: ", " free on /srv", "make room, then run the same")
    live.shell(EMPTY)


@pytest.mark.parametrize(
    "free",
    [0, pytest.param((BIG << 10) // 2, marks=pytest.mark.long), (BIG << 10) * 3 // 2],
)
def test_no_room_for_the_commit_or_the_release(small: Live, free: int) -> None:
    picture(small)
    full(small, free)


@pytest.mark.parametrize("free", [4_000, pytest.param(14_000, marks=pytest.mark.long)])
def test_no_room_for_the_environment(small: Live, free: int) -> None:
    small.project.add("requirements.txt", f"flask\niniconfig  # {free}\n")
    full(small, free)


def test_no_inodes(small: Live) -> None:
    small.project.add("requirements.txt", "flask\n# one more\n")
    used = int(small.shell("df --output=iused /srv | tail -1"))
    small.shell(f"sudo mount -o remount,nr_inodes={used + 300} /srv")
    with steady(small):
        told(small.project.on_host("deploy"), 1, "the disk is full: no inodes free on /srv")
    small.shell("sudo mount -o remount,nr_inodes=50000 /srv")


def test_read_only(small: Live) -> None:
    small.project.add("static/new.css", "")
    small.shell("sudo mount -o remount,ro /srv")
    with steady(small):
        told(small.project.on_host("deploy"), 1, "/srv is mounted read-only", "sudo dmesg")
    small.shell("sudo mount -o remount,rw /srv")


def test_no_room_for_the_state(small: Live) -> None:
    place = "/var/lib/flaskwright"
    small.project.add("static/new.css", "")
    small.shell(f"sudo mount -t tmpfs -o size=64k,mode=755 state {place}")
    small.shell(f"sudo dd if=/dev/zero of={place}/fill bs=1k count=65 2>/dev/null", check=False)
    with steady(small):
        told(small.project.on_host("deploy"), 1, f"the disk is full: 0 MB free on {place}")
    small.shell(f"sudo umount {place}")


def test_no_room_for_packages(small: Live) -> None:
    archives = "/var/cache/apt/archives"
    small.shell("sudo dpkg --remove --force-depends git >/dev/null; sudo apt-get clean")
    small.shell(f"sudo mount -t tmpfs -o size=1m,mode=755 archives {archives}")
    with steady(small):
        told(small.project.on_host("setup"), 1, "packages git were not installed", "full", archives)
    small.shell(f"sudo umount {archives}")
