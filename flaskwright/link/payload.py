"""What is sent to a host: a command line, a password, the plan, and the agent where it lacks it."""

from __future__ import annotations

import bz2
import hashlib
import json
import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ..agent.common import frames

AGENT = Path(__file__).parents[1] / "agent"

STOP = frames.STOP
"""The frame that answers nothing: the agent is to stop before the next resource."""

READING = b"flaskwright reads the plan"
"""What stage one says on stderr: from now on it is the plan that has not arrived."""

NO_PYTHON, NO_SUDO, PASSWORD_WANTED, OLD_PYTHON, PASSWORD_REFUSED = 90, 91, 92, 93, 94

# Runs stage one, `$1`, as root. The password is sent twice: once to be tried by itself, so that a
# wrong one does not make sudo read what follows as further attempts, and once for sudo to read.
# The socket of a forwarded ssh agent goes along as an argument: sudo clears the environment.
# No single quotes and no line's end inside of a statement: login shells differ.
_WRAPPER = f"""
command -v python3 >/dev/null || exit {NO_PYTHON}
set -- "$1" "$SSH_AUTH_SOCK"
IFS= read -r word
if [ "$(id -u)" = 0 ]; then IFS= read -r word; exec python3 -I -c "$@"; fi
command -v sudo >/dev/null || exit {NO_SUDO}
if said=$(sudo -n true 2>&1); then IFS= read -r word; exec sudo -n python3 -I -c "$@"; fi
if [ -z "$word" ]; then printf "%s\\n" "$said" >&2; exit {PASSWORD_WANTED}; fi
printf "%s\\n" "$word" | sudo -k -S -p "" -v || exit {PASSWORD_REFUSED}
exec sudo -k -S -p "" python3 -I -c "$@"
"""

# Reads agent/loader.py, the agent's digest and the directory that it lies in, packed together, and
# runs the first with the others: it has the agent ready by the time that the plan is there. What
# comes behind them stays where select(2) sees it: nothing is read ahead.
STAGE_ONE = f"""
import sys, json, bz2, io
sys.version_info < (3, 7) and sys.exit({OLD_PYTHON})
print("{READING.decode()}", file=sys.stderr, flush=True)
stdin = io.BufferedReader(io.FileIO(0, closefd=False), 1)
source, agent, state = json.loads(bz2.decompress(stdin.read(int(stdin.readline()))))
loader = dict(__name__="loader")
exec(source, loader)
loader["run"](agent, state)
"""
"""What Python on the host starts with; one statement a line."""


def _one_line(program: str) -> str:
    return "; ".join(program.strip().split("\n"))


COMMAND = f"exec sh -c {shlex.join((_one_line(_WRAPPER), 'flaskwright', _one_line(STAGE_ONE)))}"
"""The command line of every exec; it holds nothing of a plan."""


def frame(data: bytes) -> bytes:
    """Return `data` as the agent reads it: its length, a newline, itself."""
    return b"%d\n%s" % (len(data), data)


def head(host_state: str, password: str) -> bytes:
    """Return what is sent first: it starts the agent, and tells nothing of a plan."""
    loader = (AGENT / "loader.py").read_text("utf-8")
    return f"{password}\n{password}\n".encode() + frame(_packed([loader, digest(), host_state]))


def opening(plan: Mapping[str, Any]) -> bytes:
    """Return what is sent next, before the agent's first question."""
    return frame(_packed(plan))


def payload_size(plan: Mapping[str, Any], *, lacks_agent: bool = False) -> int:
    """Return how many bytes a plan is on the wire, before SSH adds its own.

    lacks_agent: the host has not had this version of Flaskwright yet.
    """
    given = len(frame(agent())) if lacks_agent else 0
    return len(COMMAND) + len(head(plan["host_state"], "")) + len(opening(plan)) + given


def digest() -> str:
    """Return what tells the agent from that of other versions, as agent/loader.py does."""
    whole = hashlib.sha256()
    for path, text in sorted(_sources(AGENT).items()):
        data = text.encode()
        whole.update(b"%s %d\n" % (path.encode(), len(data)))
        whole.update(data)
    return whole.hexdigest()[:32]


def agent() -> bytes:
    """Return the whole agent as it is sent to a host that lacks it."""
    return _packed(_sources(AGENT))


@cache
def _sources(place: Path) -> dict[str, str]:
    """Return the agent's modules by their paths, read once; of its packages nothing is imported."""
    modules = [path for path in sorted(place.rglob("*.py")) if path.name != "__init__.py"]
    named = {path.relative_to(place).with_suffix(""): path for path in modules}
    return {name.as_posix(): path.read_text("utf-8") for name, path in named.items()}


def _packed(value: object) -> bytes:
    return bz2.compress(json.dumps(value, separators=(",", ":")).encode(), 9)
