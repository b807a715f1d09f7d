"""A clock that jumps, for the transaction alone: this machine's clock is everybody's."""

from __future__ import annotations

import pytest

from tests.hosts.conftest import Live
from tests.hosts.project import Said

from .faults import UNIT, Fault, hit
from .trial import Trial

LIBRARY = "/usr/lib/*/faketime/libfaketime.so.1"
INSTALL = f"ls {LIBRARY} || sudo apt-get -qq -y --no-install-recommends install libfaketime >&2"
PLACE = f"/run/systemd/system/{UNIT}.d"
# libfaketime 0.9.10 cannot sleep until a moment of the clock that counts from boot, as Python does
STARTED = """import os, select, time; \
time.sleep = time.sleep if "FAKETIME_NO_CACHE" not in os.environ else \
(lambda seconds, wait=select.select: wait([], [], [], seconds) and None)"""
PTH = "/usr/local/lib/python3*/dist-packages"
# FAKETIME says what of the clock is shown: not what counts from boot, nor the times of files
PRELOADED = f"""
set -e
echo +0 | sudo tee /run/clock
sudo mkdir -p {PLACE}
sudo tee {PLACE}/clock.conf <<END
[Service]
Environment=LD_PRELOAD=$(ls {LIBRARY}) FAKETIME_TIMESTAMP_FILE=/run/clock FAKETIME_NO_CACHE=1
Environment=FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1
END
sudo tee $(ls -d {PTH} | tail -1)/clock.pth <<'END'
{STARTED}
END
sudo systemctl daemon-reload
"""
JUMP = """
echo {0} > /run/clock.new
mv /run/clock.new /run/clock
"""
# the day on which the live release went live, as the transaction saw it, and today
DAYS = "sudo tail -n 1 /var/lib/flaskwright/guestbook/releases.jsonl | "
DAYS += 'sed \'s/.*"since": "\\([0-9-]*\\)T.*/\\1/\'; date -u +%F'
TAKEN_OFF = f"sudo rm -r {PLACE} {PTH}/clock.pth /run/clock*; sudo systemctl daemon-reload"


def jump(by: str) -> Fault:
    """The clock jumps, which is no reason to fail."""

    def fault(trial: Trial, phase: str) -> Said:
        live = trial.live
        must_have_library(live)
        live.shell(PRELOADED)
        try:
            hit(trial, phase, JUMP.format(by))
            said = trial.said()
            since, today = live.shell(DAYS).split()
            assert phase == "commit" or since != today, "the transaction had everybody's clock"
            return said
        finally:
            live.shell(TAKEN_OFF)

    return fault


def must_have_library(live: Live) -> None:
    """Skip the cell, with the reason, where the host cannot have the library."""
    live.shell(INSTALL, check=False)
    if not live.shell(f"ls {LIBRARY}", check=False):
        pytest.skip("libfaketime could not be installed on the host")


CLOCK: dict[str, tuple[Fault, tuple[int, ...], tuple[str, ...]]] = {
    f"clock jumps {by}": (jump(by), (0,), ("requirements", "migrate", "canary", "switch", "commit"))
    for by in ("+2d", "-2d")
}
