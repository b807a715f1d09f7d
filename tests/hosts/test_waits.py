"""What waits says for what, and has an end: above all a path that loses large packets in silence.

The path carries 1300 bytes and says nothing of it, behind an interface of 1500. What the host asks
for is beside it, on this machine, so that no server's own cleverness finds a way through.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import sandbox

from .bigserver import BODY, serving
from .conftest import Live, bridge, on
from .project import Said
from .test_bad_apt import AWAY, BACK
from .test_bad_link import begun, said
from .trouble import steady, told, wait_until

pytestmark = on("bookworm", whole=["trixie"])

MTU = 1300
PENDING = "/var/lib/flaskwright/guestbook/pending.json"
QUICK = "12"  # seconds of silence, where the whole two minutes tell nothing more
LOST = "large packets are lost on the way from {0} to {1}"
WHY = f"the path's MTU is smaller than the interface's: host0 sends up to 1500 bytes, {MTU} arrive"
CURE = f"on the host: sudo ip link set dev host0 mtu {MTU}"
SLOW = """
import sys, time
from setuptools import setup
if {"bdist_wheel", "install"} & {*sys.argv}:
    time.sleep(20)
setup(name="slow", version="1", py_modules=[])
"""
CAME = "/run/plan-came"
# in the place of Python: starts it once all that was sent waits in the pipe, and was seen there
LATE = f"""#!/usr/bin/python3
import fcntl, os, struct, sys, termios, time
def waiting(): return struct.unpack("i", fcntl.ioctl(0, termios.FIONREAD, bytes(4)))[0]
size = -1
while size < 1000 or size != waiting():
    size = waiting()
    time.sleep(1)
open("{CAME}", "w").close()
time.sleep(4)
os.execv("/usr/bin/python3", ["python3", *sys.argv[1:]])
"""


@contextmanager
def narrow(live: Live) -> Iterator[None]:
    """Have the way to and from the host lose what is larger than `MTU` bytes."""
    sandbox.narrow(live.project.name, MTU)
    try:
        yield
    finally:
        sandbox.narrow(live.project.name, 0)


@contextmanager
def apt_from(live: Live, url: str) -> Iterator[None]:
    """Have apt ask a server for its lists, and lack a package."""
    live.shell(AWAY)
    live.shell(f"echo 'deb {url}/debian stable main' | sudo tee /etc/apt/sources.list")
    live.shell("sudo dpkg --remove --force-depends git >/dev/null 2>&1")
    try:
        yield
    finally:
        live.shell(BACK)


def deploy(live: Live, seconds: float, silence: str = QUICK) -> Said:
    """Deploy, which has to end within so many seconds."""
    began = time.monotonic()
    said = live.project.on_host("deploy", FLASKWRIGHT_SILENCE=silence)
    assert time.monotonic() - began < seconds, str(said)
    return said


def lost(live: Live, said: Said, address: str) -> None:
    """Assert that the path is named as what is wrong, and what cures it."""
    told(said, 1, LOST.format(live.project.name, address), WHY, CURE)


@pytest.mark.parametrize("silence", [QUICK, pytest.param("120", marks=pytest.mark.long)])
def test_apt_behind_a_path_that_loses_large_packets(live: Live, silence: str) -> None:
    with serving(bridge()) as url, apt_from(live, url), steady(live), narrow(live):
        said = deploy(live, float(silence) + 45, silence)
        lost(live, said, bridge())
        assert f"  apt-get update waits for {bridge()}, " in said.err


def test_the_cure_that_is_named_cures_it(live: Live) -> None:
    live.shell(f"sudo ip link set dev host0 mtu {MTU}")
    try:
        with narrow(live):
            live.deploy()
            assert "nothing to do" in live.deploy().err
            with serving(bridge()) as url:
                assert len(live.shell(f"curl -sS --max-time 20 {url}")) == len(BODY)
    finally:
        live.shell("sudo ip link set dev host0 mtu 1500")


@contextmanager
def pip_from(live: Live, url: str) -> Iterator[None]:
    """Have pip ask a server for what the app requires anew."""
    live.project.add("requirements.txt", "flask\nrequests\n")
    live.shell("sudo touch /etc/pip.conf; sudo mv /etc/pip.conf /etc/pip.conf.kept")
    text = f"[global]\nindex-url = {url}/simple\ntrusted-host = {bridge()}\n"
    live.shell(f"printf '{text}' | sudo tee /etc/pip.conf")
    try:
        yield
    finally:
        live.shell("sudo mv /etc/pip.conf.kept /etc/pip.conf")
        live.project.restore()


def test_pip_behind_a_path_that_loses_large_packets(live: Live) -> None:
    with serving(bridge()) as url, pip_from(live, url), steady(live), narrow(live):
        said = deploy(live, 75)
        lost(live, said, bridge())


def test_git_behind_a_path_that_loses_large_packets(live: Live) -> None:
    try:
        with serving(bridge()) as url, steady(live), narrow(live):
            live.project.declare(repo=f"{url}/app.git")
            said = deploy(live, 75)
            lost(live, said, bridge())
    finally:
        live.project.restore()


def test_a_build_may_be_silent_for_as_long_as_it_takes(live: Live) -> None:
    live.project.add("libs/slow/setup.py", SLOW)
    live.project.add("requirements.txt", "flask\n./libs/slow\n")
    said = deploy(live, 150, "10")
    assert said.code == 0, str(said)
    assert "  pip install compiles slow, " in said.err, str(said)


def test_our_own_link_gets_through_before_a_deploy(live: Live) -> None:
    live.project.restore()
    with narrow(live):
        assert deploy(live, 60).code == 0
        assert "release: 2" in live.project.on_host("status").out


def test_our_own_link_gets_through_in_the_middle_of_a_deploy(live: Live) -> None:
    live.project.change("templates/index.html", "</h1>", "</h1><!-- in the middle -->")
    with begun(live, "deploy") as process:
        wait_until(live, f"sudo test -e {PENDING} && echo yes", "yes")
        with narrow(live):
            came = said(process)
    assert came.code == 0, str(came)


def connecting(live: Live) -> None:
    """Wait until this machine asks the host's sshd for a connection, and gets no answer."""
    asked = ["ss", "-Htn", "state", "syn-sent", "dst", live.address]
    until = time.monotonic() + 20
    while not subprocess.run(asked, capture_output=True, check=True).stdout:
        assert time.monotonic() < until
        time.sleep(0.05)


SILENT = "ip route add blackhole {0}; sleep 20; ip route delete blackhole {0}"


@pytest.mark.long
def test_ctrl_c_before_there_is_a_connection(live: Live) -> None:
    hole = f"sleep 1; {SILENT.format(bridge())}"
    live.shell(f"sudo systemd-run --quiet --unit=silent sh -c '{hole}'")
    time.sleep(1.5)
    with begun(live, "deploy") as process:
        connecting(live)
        process.send_signal(signal.SIGINT)
        came = said(process)
    assert came.code == 1, str(came)
    place = f"{live.address} port 22"
    told = f"{live.project.name}  interrupted while it waits for {place}; nothing was changed\n"
    assert came.err.endswith(told), str(came)
    time.sleep(19)
    wait_until(live, "systemctl is-active silent.service; true", "inactive")


def test_ctrl_c_once_the_plan_is_sent(live: Live) -> None:
    """The agent is asked to stop as soon as it is there, and says that nothing was begun."""
    place = "/usr/local/bin/python3"
    live.shell(f"printf '{LATE}' | sudo tee {place}; sudo chmod 755 {place}")
    with begun(live, "deploy") as process:
        wait_until(live, f"ls {CAME}", CAME)
        process.send_signal(signal.SIGINT)
        came = said(process)
    live.shell(f"sudo rm {place} {CAME}")
    told(came, 1, "stops as soon as that is safe", "stopped", "as asked, before ")
