"""git on this machine: every call of it here runs so, whatever a repository names as programs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .errors import FlaskwrightError

Done = subprocess.CompletedProcess[bytes]

SETTINGS = (
    *("safe.bareRepository=explicit", "core.hooksPath=/dev/null", "core.fsmonitor=false"),
    *("core.attributesFile=/dev/null", "core.untrackedCache=false", "credential.helper="),
    *("protocol.allow=never", "gc.auto=0", "maintenance.auto=false"),
)
ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "/bin/false",
    "GIT_SSH_COMMAND": "/bin/false",
    "GIT_PAGER": "cat",
}


def run(top: Path, arguments: Sequence[str], given: bytes = b"", *, own: bool = False) -> Done:
    """Run git at `top`. own: it also hears what the operator and the repository have configured.

    What the environment says to git, which is much within a hook of it, is about another one.
    """
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    said = {name: text for name, text in ENVIRONMENT.items() if not (own and "CONFIG" in name)}
    settings = (word for each in SETTINGS for word in ("-c", each))
    try:
        return subprocess.run(
            ["git", *settings, "--no-pager", "-C", str(top), *arguments],
            input=given,
            capture_output=True,
            env={**inherited, **said},
        )
    except FileNotFoundError:
        raise FlaskwrightError("git is not installed here", next="apt install git") from None
