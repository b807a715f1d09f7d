"""A transaction on a host, or its recovery, watched by strace: see tests/strace.py."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.hosts.conftest import Live
from tests.strace import Call, Fault, argv, calls

from .faults import UNIT

LOG = "/run/calls"
STATE = "/var/lib/flaskwright/guestbook"
PLACE = f"/run/systemd/system/{UNIT}.d"
INSTALL = "command -v strace || sudo apt-get -qq -y --no-install-recommends install strace >&2"
# the line of the unit that starts it, and what stands around the command there
LINES = {
    "run": ("ExecStart", "", ""),
    "recover": ("ExecStopPost", f"/bin/sh -c '[ ! -e {STATE}/pending.json ] || exec ", "'"),
}
PUT = """
set -e
agent=$(sudo readlink -f {state}/transaction/agent)
sudo rm -f {log}
sudo mkdir -p {place}
sudo tee {place}/calls.conf >/dev/null <<END
[Service]
{line}=
{line}={begin}{watched} /usr/bin/python3 -I $agent {mode} {state}{end}
END
sudo systemctl daemon-reload
"""
TAKEN_OFF = f"sudo rm -rf {PLACE}; sudo systemctl daemon-reload"


@contextmanager
def watched(live: Live, mode: str = "run", fault: Fault | None = None) -> Iterator[None]:
    """Watch the next transactions of the host (`run`), or what recovers them (`recover`)."""
    line, begin, end = LINES[mode]
    given = {"state": STATE, "log": LOG, "place": PLACE, "mode": mode}
    command = shlex.join(["/usr/bin/strace", *argv(LOG, fault)[1:]]).replace("'", "")
    live.shell(PUT.format(line=line, begin=begin, end=end, watched=command, **given))
    try:
        yield
    finally:
        live.shell(TAKEN_OFF)


def seen(live: Live) -> dict[str, list[Call]]:
    """Give the calls of each kind, of who was watched last."""
    return calls(live.shell(f"sudo cat {LOG}"))


def must_have_strace(live: Live) -> None:
    """Skip, with the reason, where the host cannot have strace."""
    live.shell(INSTALL, check=False)
    if not live.shell("command -v strace", check=False):
        pytest.skip("strace could not be installed on the host")
