"""What is sent to a host: a command line, a password, the agent's sources, the plan."""

from __future__ import annotations

import ast
import bz2
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

AGENT = Path(__file__).parents[1] / "agent"
NEWLINE = "\n"
_DOCSTRING = re.compile(r'^( *)"""(?:[^"\\]|"(?!""))*"""$', re.MULTILINE)
_TYPES = re.compile(r"^TYPE_CHECKING = False\nif TYPE_CHECKING:\n(?: .*\n|\n+(?= ))+", re.MULTILINE)
_TYPE = r": (?:[^][,()=\n]|\[(?:[^][]|\[[^][]*\])*\])+"
_HEAD = re.compile(r"^ *def \w+\((?:.|\n)*?\)(?: -> .+)?:$", re.MULTILINE)
_ARGUMENT = re.compile(rf"(?<=\w){_TYPE}(?=,|\)| =|\n)|(?<=\)) -> .+(?=:$)")
_VALUE = re.compile(rf"^( *[\w.]+){_TYPE}(?= = )", re.MULTILINE)
_FIELD = re.compile(rf"^    \w+{_TYPE}$(?<!,)", re.MULTILINE)
_FUTURE = re.compile(r"^from __future__ import annotations$", re.MULTILINE)
_COMMENT = re.compile(r"(?:^ *|(?<=\S) {2})# (?!Made by).*$", re.MULTILINE)
_IMPORT = re.compile(r"^ *from \.(\w*) import (\([^)]*\)|.*)", re.MULTILINE)

STOP = b"\0stop"
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

# Reads the sources and the plan, packed together, and hands over to agent/loader.py. What comes
# behind them, such as a wish to stop, stays where select(2) sees it: nothing is read ahead.
_STAGE_ONE = f"""
import sys, json, bz2, io
sys.version_info < (3, 7) and sys.exit({OLD_PYTHON})
print("{READING.decode()}", file=sys.stderr, flush=True)
stdin = io.BufferedReader(io.FileIO(0, closefd=False), 1)
sources, plan = json.loads(bz2.decompress(stdin.read(int(stdin.readline()))))
loader = dict(__name__="loader")
exec(sources["loader"], loader)
loader["run"](sources, plan)
"""


def _one_line(program: str) -> str:
    return "; ".join(program.strip().split("\n"))


COMMAND = f"exec sh -c {shlex.join((_one_line(_WRAPPER), 'flaskwright', _one_line(_STAGE_ONE)))}"
"""The command line of every exec; it holds nothing of a plan."""


def frame(data: bytes) -> bytes:
    """Return `data` as the agent reads it: its length, a newline, itself."""
    return b"%d\n%s" % (len(data), data)


def opening(plan: Mapping[str, Any], password: str) -> Iterator[bytes]:
    """Yield all that is sent before the agent's first question, each part once it is made."""
    yield f"{password}\n{password}\n".encode()
    kinds = frozenset(resource["kind"] for resource in plan["resources"])
    more = {"handover", "transaction"} if plan["mode"] == "apply" and plan["app"] else set()
    sent = json.dumps([_agent(kinds, frozenset(more)), plan], separators=(",", ":"))
    yield frame(bz2.compress(sent.encode(), 9))


def payload_size(plan: Mapping[str, Any]) -> int:
    """Return how many bytes a plan and the agent are on the wire, before SSH adds its own."""
    return len(COMMAND) + sum(map(len, opening(plan, "")))


@cache
def _agent(kinds: frozenset[str], more: frozenset[str]) -> dict[str, str]:
    """Return the sources, by module, that resources of these kinds need, and some modules more."""
    handlers = ast.literal_eval(_source("kinds").partition("MODULES = ")[2])
    modules = {kind: handlers[kind] for kind in sorted(kinds)}
    wanted = {"__init__", "loader", "main", *more, *modules.values()}
    sources: dict[str, str] = {}
    while missing := wanted - sources.keys():
        sources |= {name: bare(_source(name)) for name in missing}
        wanted |= {found for name in missing for found in _imports(sources[name])}
    sources["kinds"] = f"MODULES = {modules}\n"
    return {name: sources[name] for name in sorted(sources)}


def _source(module: str) -> str:
    return (AGENT / f"{module}.py").read_text("utf-8")


def bare(source: str) -> str:
    """Return a module without docstrings, comments, and what only type checkers read.

    Lines keep their numbers. What looks like any of these in a text of the agent would be lost: a
    test compares the programs.
    """
    told = _DOCSTRING.sub(lambda found: f'{found[1]}""{NEWLINE * found[0].count(NEWLINE)}', source)
    run = _TYPES.sub(lambda found: NEWLINE * found[0].count(NEWLINE), told)
    head = _HEAD.sub(lambda found: _ARGUMENT.sub("", found[0]), _COMMENT.sub("", run))
    return _FUTURE.sub("", _FIELD.sub("", _VALUE.sub(r"\1", head)))


def _imports(source: str) -> Iterator[str]:
    """Yield the modules of the agent that one of them imports."""
    for module, names in _IMPORT.findall(source):
        if module:
            yield module
        else:
            yield from re.findall(r"\w+", names)
