"""What can happen to a deploy, each at the moment in which it enters a phase."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sandbox
from tests.hosts.conftest import Live, bridge
from tests.hosts.project import Said
from tests.hosts.visitor import wait_for

from .trial import Trial

Fault = Callable[[Trial, str], Said]

PHASES = ("requirements", "release", "canary", "switch", "verify", "commit", "undo")
UNIT = "flaskwright-guestbook.service"
HOLE = 8, 40  # seconds: shorter, and longer, than what a link survives
PATIENCE = 120  # seconds
# /srv and what we remember of it on a disk of their own, small enough to be filled
SMALL = """
set -e
sudo systemctl stop guestbook.socket 'guestbook@*.service'
for place in /srv /var/lib/flaskwright; do
    sudo cp --archive $place /root/copy
    sudo mount -t tmpfs -o mode=755,size=400m,nr_inodes=60000 small $place
    sudo cp --archive /root/copy/. $place/
    sudo rm -r /root/copy
done
sudo systemctl start guestbook.socket guestbook@1.service
"""
PLACES = "for place in /srv /var/lib/flaskwright; do"
FILL = f"{PLACES} fallocate -l $(df --output=avail -B1 $place | tail -1) $place/fill; done"
EMPTY = f"{PLACES} sudo rm -f $place/fill; done"
NO_INODES = (
    f"{PLACES} mount -o remount,nr_inodes=$(df --output=iused $place | tail -1) $place; done"
)
INODES = f"{PLACES} sudo mount -o remount,nr_inodes=60000 $place; done"
BROKEN = "echo 'nonsense;' > /etc/nginx/conf.d/broken.conf"
TAKEN = (
    "systemd-run --quiet --unit=taken python3 -m http.server 8099; sleep 0.3; "
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


def client(number: signal.Signals) -> Fault:
    """The operator's program gets a signal."""

    def fault(trial: Trial, phase: str) -> Said:
        hit(trial, phase)
        assert trial.process is not None
        trial.process.send_signal(number)
        return trial.said()

    return fault


def on_host(command: str, cure: str = "true") -> Fault:
    """A command is run on the host, and what it did is cured once the deploy has ended."""

    def fault(trial: Trial, phase: str) -> Said:
        hit(trial, phase, command)
        try:
            return trial.said()
        finally:
            trial.live.shell(cure)

    return fault


def small_disk(command: str, cure: str) -> Fault:
    """The same on a host with a small disk."""

    def fault(trial: Trial, phase: str) -> Said:
        if not trial.live.shell("findmnt -n /srv", check=False):
            trial.live.shell(SMALL)
            wait_for(trial.live.address)
        return on_host(command, cure)(trial, phase)

    return fault


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


@contextmanager
def broken_app(live: Live) -> Iterator[None]:
    """Commit an app that serves as a canary and not otherwise: the deploy will be undone."""
    text = "import os\nif 'FLASKWRIGHT_CANARY' not in os.environ: raise OSError('no luck')\n"
    live.project.change("app.py", "app = Flask(", f"{text}app = Flask(")
    yield
    live.project.git("revert", "--no-edit", "HEAD")


FAULTS: dict[str, tuple[Fault, tuple[int, ...]]] = {
    "client killed": (client(signal.SIGKILL), (-9,)),
    "client ended": (client(signal.SIGTERM), (-15, 0, 1)),
    "Ctrl-C": (client(signal.SIGINT), (0, 1)),
    "link reset": (on_host("pkill -KILL -u pi sshd; pkill -KILL -f sshd-session"), (6,)),
    "link silent for 8 s": (hole(HOLE[0]), (0, 1)),
    "link silent for 40 s": (hole(HOLE[1]), (6,)),
    "agent killed": (on_host(f"systemctl kill --kill-who=main --signal=KILL {UNIT}"), (0, 1)),
    "agent's group killed": (on_host(f"systemctl kill --signal=KILL {UNIT}"), (0, 1)),
    "power cut": (power(sandbox.power_cut), (6,)),
    "shut down": (power(sandbox.poweroff), (0, 1, 6)),
    "disk full": (small_disk(FILL, EMPTY), (0, 1)),
    "inodes out": (small_disk(NO_INODES, INODES), (0, 1)),
    "nginx refuses": (on_host(BROKEN, MENDED), (0, 1)),
    "nginx cannot bind": (on_host(TAKEN, MENDED), (0, 1)),
}
