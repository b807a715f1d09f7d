"""Commands in messages, as whoever reads them would type them.

Messages of both sides spell a command `./fab TASK`. Where one is shown, it gets the name that
`./fab` was called by, the host that the message is about, and the hosts.toml that was read where
that is not beside the person.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path
from typing import Any

from ..config import hosts_toml
from ..errors import UsageError

TYPED = "FLASKWRIGHT_FAB"
"""The variable in which `./fab` says how it was typed."""

_COMMAND = re.compile(
    r"(?P<file>FLASKWRIGHT_HOSTS=\S+ )?(?<![\w./])\./fab(?![\w/])"
    r"(?P<host> -H \S+)?(?P<task> [\w.-]+)?"
)
_OF_NO_HOST = re.compile(r"config\.|sandbox\.|hosts\.list|test$|check$|docs$|-")
_WITHOUT_FILE = re.compile(r"sandbox\.|test$|check$|docs$|-")
_TOLD = {"result": ("what", "why", "next", "note"), "notice": ("text",)}


def program() -> str:
    """Return how `./fab` was typed, for hints: `./fab`, `../fw/fab`, `fab`."""
    said = os.environ.get(TYPED)
    return said or ("fab" if Path(sys.argv[0]).name == "fab" else "./fab")


def as_typed(text: str, host: str | None = None) -> str:
    """Return a message with its commands as they can be typed here, for a host where it has one."""
    if "./fab" not in text:
        return text
    return _COMMAND.sub(lambda found: _spelled(found, host or ""), text)


def in_event(event: dict[str, Any], host: str) -> dict[str, Any]:
    """Return an agent's event with the commands in its advice as they can be typed here."""
    told = _TOLD.get(event["event"], ())
    changed = {name: _if_text(event[name], host) for name in told if name in event}
    if event["event"] == "end" and "facts" in event:
        facts = event["facts"].items()
        changed["facts"] = {name: _if_text(value, host) for name, value in facts}
    return {**event, **changed}


def _if_text(value: Any, host: str) -> Any:
    return as_typed(value, host) if isinstance(value, str) else value


def _spelled(found: re.Match[str], host: str) -> str:
    task = found["task"] or ""
    word = task.strip()
    chosen = found["host"] or ""
    if host and word and not chosen and not _OF_NO_HOST.match(word):
        chosen = f" -H {shlex.quote(host)}"
    file = found["file"] or ""
    if word and not file and not _WITHOUT_FILE.match(word):
        file = _hosts_file()
    return f"{file}{program()}{chosen}{task}"


def _hosts_file() -> str:
    """Return what names the hosts.toml that was read, with a space, where it has to be named."""
    named = os.environ.get("FLASKWRIGHT_HOSTS")
    try:
        path, here = hosts_toml.locate(), Path.cwd()
        if path.parent.resolve() == here or not (named or hosts_toml.is_last_resort(path)):
            return ""
    except (OSError, UsageError):
        return ""
    return f"FLASKWRIGHT_HOSTS={shlex.quote(named or str(path))} "
