"""Hosts that really boot, in a state directory of their own; nothing is left of them."""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import sandbox
from flaskwright.errors import FlaskwrightError, UsageError
from sandbox import cgroups, image, network, requirements, state
from sandbox.state import Lab

pytestmark = pytest.mark.host
SUITE = "bookworm"
SUITES = [SUITE, *(pytest.param(suite, marks=pytest.mark.long) for suite in image.SUITES[1:])]
FORKS = """
import os, time
made = 0
try:
    while made < 100:
        if os.fork() == 0:
            time.sleep(60)
        made += 1
except BlockingIOError:
    print(made, flush=True)
"""
HOG = "print(len(bytearray(300 << 20)) >> 20)"
SPINS = """
import time
began = time.monotonic()
while time.monotonic() < began + 2:
    pass
print(time.process_time())
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A state directory whose images are those of the ordinary one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FLASKWRIGHT_SANDBOX", raising=False)
        try:
            sandbox.require()
        except FlaskwrightError as error:
            pytest.skip(f"{error.what} {error.why}")
        requirements.install()
        usual = state.lab()
        usual.make()
        root = tmp_path_factory.mktemp("lab")
        root.chmod(0o755)
        (root / "images").symlink_to(usual.images)
        patch.setenv("FLASKWRIGHT_SANDBOX", str(root))
        with usual.lending_images():
            yield state.lab()
        sandbox.down_all()


def ssh(host: sandbox.SandboxHost, command: str) -> str:
    done = subprocess.run([*host.ssh, command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_host_boots_and_is_an_ordinary_debian(own):
    host = sandbox.up("one", SUITE)
    assert (host.running, host.ready) == (True, True)
    assert ssh(host, "id -un; hostname; sudo -n id -un").split() == ["pi", "one", "root"]
    assert ssh(host, "systemctl is-system-running --wait") == "running"
    assert ssh(host, "command -v nginx git || echo pristine") == "pristine"


def test_the_clock_of_this_machine_cannot_be_set_from_a_host(own):
    host = sandbox.up("one", SUITE)
    assert "not permitted" in ssh(host, "sudo date -s 10:00 2>&1 || true")


def test_up_is_at_once_when_it_is_up(own):
    sandbox.up("one", SUITE)
    start = time.monotonic()
    sandbox.up("one", SUITE)
    assert time.monotonic() - start < 0.5


def test_two_hosts_know_each_other_by_name(own):
    one = sandbox.up("one", SUITE)
    two = sandbox.up("two", SUITE, names=["guestbook.example"])
    assert ssh(one, "getent hosts two.test").split()[0] == two.address
    sandbox.publish("two", "www.guestbook.example")
    for name in ("guestbook.example", "www.guestbook.example"):
        assert ssh(one, f"getent hosts {name}").split()[0] == two.address
    with pytest.raises(UsageError):
        sandbox.publish("one", "guestbook.example")


def test_a_host_is_reached_over_ipv6_too(own):
    host = sandbox.up("one", SUITE)
    argv = [part.replace(host.address, host.address6) for part in host.ssh]
    assert subprocess.run([*argv, "true"], check=False).returncode == 0


@pytest.mark.parametrize("suite", SUITES)
def test_limits_are_in_force_in_a_host(own, suite):
    host = sandbox.up(f"limits-{suite}", suite)

    def limited(limit: str, program: str) -> str:
        argv = f"systemd-run --quiet --wait --pipe --property={limit} python3 -c"
        return ssh(host, f"sudo {argv} {shlex.quote(program)} </dev/null || echo refused")

    assert int(limited("TasksMax=20", FORKS).split()[0]) < 20
    assert limited("MemoryMax=64M", HOG) == "refused"
    assert limited("MemoryMax=640M", HOG) == "300"
    assert float(limited("CPUQuota=20%", SPINS)) < 1.0  # of 2 s
    assert float(limited("CPUQuota=200%", SPINS)) > 0.5
    sandbox.down(host.name)


def test_no_fork_outruns_a_power_cut(own):
    host = sandbox.up("one", SUITE)
    bomb = ":(){ :|:& };:; sleep 60"
    run = "sudo systemd-run --quiet --property=TasksMax=300"
    ssh(host, f"{run} bash -c {shlex.quote(bomb)}; sleep 1")
    sandbox.power_cut("one")
    assert not cgroups.members(f"fw{host.address.split('.')[2]}-{host.address.split('.')[3]}")
    assert ssh(sandbox.boot("one"), "echo up") == "up"


def test_reset_is_pristine_and_quick(own):
    host = sandbox.up("one", SUITE)
    ssh(host, "touch marker; sudo touch /etc/marker")
    start = time.monotonic()
    host = sandbox.reset("one")
    ssh(host, "true")
    assert time.monotonic() - start < 6
    assert ssh(host, "ls marker /etc/marker 2>/dev/null || true") == ""


def test_a_power_cut_ends_everything_and_keeps_the_disk(own):
    host = sandbox.up("one", SUITE)
    ssh(host, "echo kept >marker; sudo systemctl enable -q systemd-networkd")
    machine = f"fw{host.address.split('.')[2]}-{host.address.split('.')[3]}"
    sandbox.power_cut("one")
    assert not sandbox.host("one").running
    assert not cgroups.members(machine)
    assert not (network.BRIDGES / f"vb-{machine}").exists()
    assert ssh(sandbox.boot("one"), "cat marker") == "kept"


def test_a_reboot_from_inside_comes_back(own):
    host = sandbox.up("one", SUITE)
    before = ssh(host, "echo kept >marker; ps -o lstart= 1")
    subprocess.run([*host.ssh, "sudo reboot"], capture_output=True, check=False)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        time.sleep(0.2)
        argv = [*host.ssh, "ps -o lstart= 1"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip() != before:
            break
    assert sandbox.host("one").running
    assert ssh(host, "cat marker") == "kept"


def test_a_host_that_powered_itself_off_boots_again(own):
    host = sandbox.up("one", SUITE)
    subprocess.run([*host.ssh, "sudo poweroff"], capture_output=True, check=False)
    end = time.monotonic() + 30
    while sandbox.host("one").running and time.monotonic() < end:
        time.sleep(0.1)
    assert ssh(sandbox.up("one", SUITE), "echo up") == "up"


def test_a_frozen_layer_carries_to_another_host(own):
    ssh(sandbox.up("one", SUITE), "echo frozen >marker; sync")
    one = sandbox.freeze("one", "set-up")
    assert sandbox.has_layer("set-up")
    three = sandbox.up("three", layer="set-up")
    assert ssh(three, "cat marker; hostname").split() == ["frozen", "three"]
    ssh(three, "echo changed >marker")
    assert ssh(one, "cat marker") == "frozen"
    assert ssh(sandbox.reset("three"), "cat marker") == "frozen"
    with pytest.raises(UsageError):
        sandbox.forget("set-up")


def test_nothing_is_left_after_the_last_host(own):
    bridge = network.recorded(own)
    assert bridge is not None
    for host in sandbox.status():
        sandbox.down(host.name)
    assert sandbox.status() == []
    assert not (network.BRIDGES / bridge.bridge).exists()
    assert str(own.root) not in Path("/proc/mounts").read_text()
    tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True)
    assert f"flaskwright-{bridge.bridge}\n" not in tables.stdout
    groups = [path.name for tree in cgroups.trees() for path in tree.glob("flaskwright-*")]
    assert not [name for name in groups if name.startswith(f"flaskwright-{bridge.bridge}-")]
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert not [line for line in listed.stdout.splitlines() if str(own.root) in line]
