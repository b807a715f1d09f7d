"""The link that is lost in the middle, the power that is cut, two people at once."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import sandbox

from .conftest import Live, bridge
from .project import ROOT, Said
from .trouble import converges, told, wait_until
from .visitor import page, wait_for

# two packages to install, each of which takes its time
SLOW = """
sudo dpkg --remove --force-depends git python3-venv >/dev/null
echo 'DPkg::Pre-Invoke { "sleep 3.21"; };' | sudo tee /etc/apt/apt.conf.d/99slow
"""
AT_WORK = "pgrep --exact --full 'sleep 3.21' >/dev/null && echo yes"
FREE = "sudo flock --nonblock /var/lib/flaskwright/lock echo free"
INSTALLED = "dpkg-query --show --showformat '${db:Status-Status} ' git python3-venv"
MARK = "sudo cat /var/lib/flaskwright/guestbook/interrupted.json"


@pytest.fixture
def slow(live: Live) -> Live:
    """The host, with much of the set-up to be done again."""
    sandbox.reset(live.project.name)
    live.project.restore()
    live.shell(SLOW)
    return live


@contextmanager
def at_work(live: Live, *task: str) -> Iterator[subprocess.Popen[str]]:
    """Run a task up to the moment in which apt installs the first package."""
    with begun(live, *task) as process:
        wait_until(live, AT_WORK, "yes")
        yield process
        process.kill()


def begun(live: Live, *task: str) -> subprocess.Popen[str]:
    """Begin a task."""
    return subprocess.Popen(
        [str(ROOT / "fab"), "-H", live.project.name, *task],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"FLASKWRIGHT_HOSTS": str(live.project.hosts)},
        start_new_session=True,
    )


def said(process: subprocess.Popen[str]) -> Said:
    """Wait for what a command says in the end."""
    out, err = process.communicate(timeout=60)
    return Said(process.returncode, out, err)


def goes_on(live: Live) -> None:
    """Assert that the host has finished the step in hand, and that the next run carries on."""
    wait_until(live, FREE, "free")
    assert live.shell(INSTALLED, check=False).split() == ["config-files", "installed"]
    assert '"after": "packages:python3-venv"' in live.shell(MARK)
    live.shell("sudo rm /etc/apt/apt.conf.d/99slow")
    converges(live)
    assert live.shell(INSTALLED).split() == ["installed", "installed"]
    assert live.shell(f"{MARK} || true") == ""


def test_the_client_is_killed(slow: Live) -> None:
    with at_work(slow, "setup") as process:
        process.kill()
        page(slow.address)
    goes_on(slow)


def test_ctrl_c(slow: Live) -> None:
    with at_work(slow, "setup") as process:
        process.send_signal(signal.SIGINT)
        told(said(process), 1, "stopped", "as asked, before packages:")
    wait_until(slow, FREE, "free")
    slow.shell("sudo rm /etc/apt/apt.conf.d/99slow")
    converges(slow)


def test_ctrl_c_twice(slow: Live) -> None:
    with at_work(slow, "setup") as process:
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        told(said(process), 6, "interrupted", "finishes the step in hand", "run the same command")
    goes_on(slow)


@pytest.mark.long
def test_the_connection_is_reset(slow: Live) -> None:
    with at_work(slow, "setup") as process:
        slow.shell("sudo pkill --signal KILL --uid pi sshd", check=False)
        told(said(process), 6, "the link was lost", "finishes the step in hand", "run the same")
    goes_on(slow)


def test_nothing_arrives_any_more(slow: Live) -> None:
    hole = f"sleep 1; ip route add blackhole {bridge()}"
    with at_work(slow, "setup") as process:
        slow.shell(f"sudo systemd-run --quiet sh -c '{hole}'")
        began = time.monotonic()
        told(said(process), 6, "the link was lost", "run the same command again")
        assert time.monotonic() - began < 35


def test_two_at_once(slow: Live) -> None:
    with at_work(slow, "deploy") as process:
        second = slow.project.on_host("deploy")
        told(second, 4, "is locked: guestbook: ", ", by ", " since 20", "run the same command")
        assert slow.project.on_host("deploy", "--dry-run").code == 2
        assert slow.project.on_host("status").code == 0
        assert said(process).code == 0
    converges(slow)


def power_is_cut(live: Live, question: str) -> None:
    """Deploy, and cut the power when the host answers yes; the site comes back by itself."""
    with begun(live, "deploy") as process:
        wait_until(live, question, "yes")
        sandbox.power_cut(live.project.name)
        process.kill()
    sandbox.boot(live.project.name)
    assert "<h1>Guestbook</h1>" in wait_for(live.address)
    converges(live)


def test_the_power_is_cut_while_pip_works(live: Live) -> None:
    sandbox.reset(live.project.name)
    live.project.restore()
    live.project.add("requirements.txt", "flask\nrequests\n")
    power_is_cut(live, "pgrep --full 'pip.*install' >/dev/null && echo yes")


@pytest.mark.long
def test_the_power_is_cut_at_the_switch(live: Live) -> None:
    sandbox.reset(live.project.name)
    live.project.restore()
    live.project.change("templates/index.html", "</h1>", "</h1><!-- next -->")
    new = "[ $(ls /srv/guestbook/releases | wc -l) = 2 ]"
    power_is_cut(live, f"until {new}; do sleep 0.01; done; echo yes")
    assert "<!-- next -->" in page(live.address)
