"""Runs on a host, as root: waits until a deploy enters a phase, then does something at once.

`watch.py PHASE [COMMAND]` prints `ready`; then `hit` when the phase has begun and COMMAND was run,
`failed` when that went wrong, `missed` when the phase did not come.
"""

import json
import os
import signal
import subprocess
import sys
import time

STATE = "/var/lib/flaskwright/guestbook/transaction"
PACKS = "/srv/guestbook/repo.git/objects/pack"
PATIENCE = 200  # seconds; a deploy may begin no transaction at all
PAUSE = 0.001
# what the journal says first of a phase: the start of a resource, or a line of the migration's
KINDS = {"requirements": "requirements", "release": "release", "prune": "kept"}
SAID = {"migrate": "half of the work is done"}
NAMES = {"backup": "migrate"}  # of phases, in the journal


def fetches():
    """Wait for the first bytes of the commit."""
    print("ready", flush=True)
    while not any(name.startswith("tmp_") for name in os.listdir(PACKS)):
        time.sleep(PAUSE)


def enters(phase):
    """Wait for a phase of the next transaction; gives whether it came."""
    for event in events(os.path.join(STATE, "journal.jsonl")):
        if begins(event, phase):
            return True
        if event["event"] in ("end", "locked"):
            return False


def events(journal):
    """Yield what is in the journal of the next transaction, as it is written."""
    known = os.path.realpath(STATE)
    print("ready", flush=True)
    while os.path.realpath(STATE) == known or not os.path.exists(journal):
        time.sleep(PAUSE)
    rest = ""
    with open(journal) as file:
        while True:
            rest += file.read()
            *whole, rest = rest.split("\n")
            yield from map(json.loads, filter(None, whole))
            time.sleep(PAUSE)


def begins(event, phase):
    """Tell whether an event is the first of a phase."""
    if phase in KINDS:
        return event["event"] == "start" and event["kind"] == KINDS[phase]
    if phase in SAID:
        return event["event"] == "progress" and SAID[phase] in event["text"]
    return event["event"] == "phase" and event["name"] == NAMES.get(phase, phase)


signal.signal(signal.SIGALRM, lambda *_: sys.exit(print("missed", flush=True)))
signal.alarm(PATIENCE)
phase, *command = sys.argv[1:]
if phase == "fetch":
    fetches()
elif not enters(phase):
    sys.exit(print("missed", flush=True))
done = [subprocess.run(["sh", "-c", text], check=False) for text in command]
print("failed" if any(each.returncode for each in done) else "hit", flush=True)
