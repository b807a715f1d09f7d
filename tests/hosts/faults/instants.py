"""What cuts a deploy off at a moment that nobody has chosen."""

from __future__ import annotations

import time

import sandbox
from tests.hosts.project import Said
from tests.hosts.visitor import wait_for

from .faults import END, HOLDER, UNIT
from .trial import Trial

# whoever has the app's lock, if anybody: before the transaction that is the session's agent
KILLED = f"systemctl kill --signal=KILL --kill-who=main {UNIT} || kill -KILL {HOLDER}"
GROUP = f"{END} {UNIT} || pkill -KILL --session $(ps -o sid= -p {HOLDER})"
COMMANDS = {"agent killed": KILLED, "agent's group killed": GROUP}
POWER = "power cut"
KINDS = [*COMMANDS, POWER]
CODES = {**dict.fromkeys(COMMANDS, (0, 1, 3, 6)), POWER: (0, 1, 5, 6)}
TRIGGER = "import subprocess, sys; print('ready', flush=True); sys.stdin.readline(); "
TRIGGER += "subprocess.run(['sh', '-c', sys.argv[1]], stderr=subprocess.DEVNULL)"


def cut(trial: Trial, kind: str, after: float) -> Said:
    """Deploy, and cut it off so many seconds after its start; gives what the operator sees."""
    trigger = trial.started_text(TRIGGER, COMMANDS.get(kind, ""))
    assert trigger.stdout is not None
    assert trigger.stdout.readline() == "ready\n"
    due = time.monotonic() + after
    trial.deploy()
    time.sleep(max(0.0, due - time.monotonic()))
    if kind != POWER:
        trigger.communicate("now\n", timeout=30)
        return trial.said()
    sandbox.power_cut(trial.live.project.name)
    trigger.kill()
    trigger.wait()
    said = trial.said()
    sandbox.boot(trial.live.project.name)
    wait_for(trial.live.address)
    return said
