"""The one road to root: an act is done here when this is root, else by this package under sudo.

The child is `python -m sandbox ACT ARGUMENTS` with JSON arguments; it answers in JSON lines:
{"progress": "…"} while it works, then {"done": true} or {"error": {…}}.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flaskwright import errors
from flaskwright.errors import FlaskwrightError, Unreachable
from sandbox import hosts
from sandbox.commands import Progress, succeeds
from sandbox.state import Lab

ACTS = {
    act.__name__: act
    for act in (
        hosts.up,
        hosts.down,
        hosts.down_all,
        hosts.purge,
        hosts.reset,
        hosts.boot,
        hosts.power_cut,
        hosts.poweroff,
        hosts.freeze,
        hosts.forget,
        hosts.publish,
        hosts.certify,
        hosts.narrow,
    )
}


def perform(lab: Lab, act: str, progress: Progress, **arguments: Any) -> None:
    """Do an act as root, through sudo where we are not; raises what the act raises."""
    if os.geteuid():
        through_sudo(lab, act, progress, arguments)
    else:
        ACTS[act](lab, progress, **arguments)


def through_sudo(lab: Lab, act: str, progress: Progress, arguments: Mapping[str, Any]) -> None:
    """Run this package as root, pass its progress on, and raise what it raised."""
    argv = [
        *(*sudo(), "env", f"FLASKWRIGHT_SANDBOX={lab.root}"),
        *(sys.executable, "-B", "-m", "sandbox", act, json.dumps(arguments)),
    ]
    answered = False
    for message in talk(argv):
        answered = answered or "done" in message
        if "progress" in message:
            progress(message["progress"])
        if "error" in message:
            raise rebuilt(message["error"])
    if not answered:
        raise Unreachable(
            "sandbox: sudo did not run it", why="It takes root to run throw-away hosts."
        )


def sudo() -> list[str]:
    """sudo without a question where it can, with one where somebody can answer it."""
    if not shutil.which("sudo"):
        raise Unreachable("sandbox: root is needed", why="This is not root and there is no sudo.")
    if succeeds(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    if sys.stdin.isatty():
        return ["sudo", "-p", "[sudo] password for %u, to run throw-away hosts: "]
    raise Unreachable(
        "sandbox: root is needed",
        why="sudo wants a password and there is no terminal to ask on.",
        next="sudo -v, or run it as root",
    )


def talk(argv: list[str]) -> Iterator[dict[str, Any]]:
    """The JSON lines that a program prints; it runs where this package lies."""
    place = Path(__file__).parent.parent
    with subprocess.Popen(argv, cwd=place, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            yield json.loads(line)


def described(error: FlaskwrightError) -> dict[str, Any]:
    """An error as a JSON object, for `rebuilt` on the other side of sudo."""
    return {
        "kind": type(error).__name__,
        "what": error.what,
        "why": error.why,
        "log": error.log,
        "next": error.next,
    }


def rebuilt(fields: dict[str, Any]) -> FlaskwrightError:
    """The error that `described` has made an object of."""
    kind: type[FlaskwrightError] = getattr(errors, fields.pop("kind"))
    return kind(fields.pop("what"), **fields)
