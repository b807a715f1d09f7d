"""Runs on a host, as root: waits until a deploy enters a phase, then does something at once.

`watch.py PHASE [COMMAND]` prints `ready`, and `hit` when the phase has begun and COMMAND was run.
"""

import json
import os
import signal
import subprocess
import sys
import time

STATE = "/var/lib/flaskwright/guestbook/transaction"
PATIENCE = 200  # seconds; a deploy may begin no transaction at all
KINDS = {"venv": "venv:", "requirements": "requirements:", "release": "release:"}


def lines(journal):
    """Yield the events of the journal of the next transaction, as they are written."""
    known = os.path.realpath(STATE)
    print("ready", flush=True)
    while os.path.realpath(STATE) == known or not os.path.exists(journal):
        time.sleep(0.002)
    rest = ""
    with open(journal) as file:
        while True:
            rest += file.read()
            *whole, rest = rest.split("\n")
            yield from map(json.loads, filter(None, whole))
            time.sleep(0.002)


def is_there(event, phase):
    if event["event"] == "start" and phase in KINDS:
        return event["id"].startswith(KINDS[phase])
    return event["event"] == "phase" and event["name"] == phase


signal.signal(signal.SIGALRM, lambda *_: sys.exit(print("missed", flush=True)))
signal.alarm(PATIENCE)
phase, *command = sys.argv[1:]
for event in lines(os.path.join(STATE, "journal.jsonl")):
    if is_there(event, phase):
        if command:
            subprocess.run(["sh", "-c", *command], check=False)
        print("hit", flush=True)
        break
    if event["event"] in ("end", "locked"):
        print("missed", flush=True)
        break
