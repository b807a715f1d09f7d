"""What can happen to a deploy, each at the moment in which it enters a phase."""

from __future__ import annotations

import shlex
import signal
import time
from collections.abc import Callable

import sandbox
from tests.hosts.conftest import Live, bridge
from tests.hosts.project import Said
from tests.hosts.visitor import wait_for

from .trial import Trial

Fault = Callable[[Trial, str], Said]

UNIT = "flaskwright.transaction.guestbook.service"
END = "systemctl kill --signal=KILL"
HOLE = 8, 40  # seconds: shorter, and longer, than what a link survives
PATIENCE = 120  # seconds
PLACES = "for place in /srv /var/lib/flaskwright; do"
# /srv and what we remember of it on a disk of their own, small enough to be filled, and back
MOVED = """
set -e
systemctl stop guestbook.socket 'guestbook@*.service'
{places}
    cp --archive $place /root/copy
    {mount}
    cp --archive /root/copy/. $place/
    rm -r /root/copy
done
systemctl start guestbook.socket guestbook@1.service
"""
SMALL = MOVED.format(
    places=PLACES, mount="mount -t tmpfs -o mode=755,size=400m,nr_inodes=60000 small $place"
)
LARGE = MOVED.format(places=PLACES, mount="umount $place; find $place -mindepth 1 -delete")
# whoever is at work there may take, or free, a little meanwhile
FILL = f"""{PLACES}
    until [ $(df --output=avail -B1K $place | tail -1) -lt 64 ]; do
        fallocate -l $(df --output=avail -B1 $place | tail -1) $(mktemp $place/fill.XXXXXX)
    done
done"""
# what is in use cannot be the limit to the very inode: the rest is taken
NO_INODES = f"""{PLACES}
    number=$(df --output=iused $place | tail -1)
    until mount -o remount,nr_inodes=$number $place 2>/dev/null; do number=$((number + 1)); done
    while touch $place/fill.$number 2>/dev/null; do number=$((number + 1)); done
done"""
EMPTY = f"sudo sh -c '{PLACES} mount -o remount,nr_inodes=60000 $place; rm -f $place/fill*; done'"
# whoever has the app's lock, in the part of a deploy that is not the transaction yet
HOLDER = "$(find /proc/[0-9]*/fd -lname '*/guestbook/lock' 2>/dev/null | head -n 1 | cut -d/ -f3)"
KILL = f"kill -KILL {HOLDER}"
KILL_SESSION = f"pkill -KILL --session $(ps -o sid= -p {HOLDER})"
BROKEN = "echo 'nonsense;' > /etc/nginx/conf.d/broken.conf"
TAKEN = (
    "systemd-run --quiet --unit=taken python3 -m http.server 8099; "
    "until ss --listening --tcp --numeric | grep -q :8099; do sleep 0.02; done; "
    "echo 'server { listen 8099; }' > /etc/nginx/conf.d/broken.conf"
)
MENDED = "sudo rm -f /etc/nginx/conf.d/broken.conf; sudo systemctl stop taken 2>/dev/null; true"


def hit(trial: Trial, phase: str, command: str = "") -> None:
    """Begin the deploy; returns when it has entered the phase and `command` was run on the host."""
    watch = trial.started("watch.py", phase, *filter(None, [command]))
    assert watch.stdout is not None
    assert watch.stdout.readline() == "ready\n"
    trial.deploy()
    told = watch.stdout.readline()
    watch.communicate(timeout=PATIENCE)
    assert told != "missed\n", f"the deploy did not enter {phase}, so nothing has happened to it"
    assert told != "failed\n", f"what was to happen in {phase} could not be done"


def client(number: signal.Signals) -> Fault:
    """The operator's program gets a signal."""

    def fault(trial: Trial, phase: str) -> Said:
        hit(trial, phase)
        assert trial.process is not None
        trial.process.send_signal(number)
        return trial.said()

    return fault


def on_host(command: str, cure: str = "true", fetching: str = "") -> Fault:
    """A command is run on the host, and what it did is cured once the deploy has ended.

    fetching: what is run instead before there is a transaction.
    """

    def fault(trial: Trial, phase: str) -> Said:
        try:
            hit(trial, phase, fetching if fetching and phase == "fetch" else command)
            return trial.said()
        finally:
            trial.live.shell(cure)

    return fault


def small_disk(command: str) -> Fault:
    """The same on a host with a small disk."""

    def fault(trial: Trial, phase: str) -> Said:
        moved(trial.live, SMALL)
        trial.after.callback(moved, trial.live, LARGE)
        return on_host(command, EMPTY)(trial, phase)

    return fault


def moved(live: Live, how: str) -> None:
    """Move the app to another disk."""
    live.shell(f"sudo sh -c {shlex.quote(how)}")
    wait_for(live.address)


def hole(seconds: int) -> Fault:
    """Nothing arrives any more for some time, in neither direction."""
    command = "ip route add blackhole {0}; sleep {1}; ip route delete blackhole {0}"

    def fault(trial: Trial, phase: str) -> Said:
        text = command.format(bridge(), seconds)
        hit(trial, phase, f"systemd-run --quiet sh -c '{text}'")
        said = trial.said()
        time.sleep(1)
        wait_for(trial.live.address, seconds=seconds + 10)
        return said

    return fault


def power(off: Callable[[str], None]) -> Fault:
    """The host goes off, and is switched on again."""

    def fault(trial: Trial, phase: str) -> Said:
        hit(trial, phase)
        off(trial.live.project.name)
        said = trial.said()
        sandbox.boot(trial.live.project.name)
        wait_for(trial.live.address)
        return said

    return fault


FAULTS: dict[str, tuple[Fault, tuple[int, ...]]] = {
    "client killed": (client(signal.SIGKILL), (-9,)),
    "client ended": (client(signal.SIGTERM), (-15, 0, 1)),
    "Ctrl-C": (client(signal.SIGINT), (0, 1)),
    "link reset": (on_host("pkill -KILL -u pi sshd"), (6,)),
    "link silent for 8 s": (hole(HOLE[0]), (0, 1)),
    "link silent for 40 s": (hole(HOLE[1]), (6,)),
    "agent killed": (on_host(f"{END} --kill-who=main {UNIT}", fetching=KILL), (0, 1)),
    "agent's group killed": (on_host(f"{END} {UNIT}", fetching=KILL_SESSION), (0, 1)),
    "power cut": (power(sandbox.power_cut), (6,)),
    "shut down": (power(sandbox.poweroff), (0, 1, 6)),
    "disk full": (small_disk(FILL), (0, 1)),
    "inodes out": (small_disk(NO_INODES), (0, 1)),
    "nginx refuses": (on_host(BROKEN, MENDED), (0, 1)),
    "nginx cannot bind": (on_host(TAKEN, MENDED), (0, 1)),
}
