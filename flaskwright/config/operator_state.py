"""What the operator has said once: kept in their own state directory, for nobody else to write.

`allowed.json` has, by topic, names and what was said of each.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import Unreachable, UsageError

Said = dict[str, dict[str, Any]]


def place() -> Path:
    """Return the file: $XDG_STATE_HOME/flaskwright/allowed.json, or below ~/.local/state."""
    states = os.environ.get("XDG_STATE_HOME", "")
    below = Path(states) if states.startswith("/") else Path.home() / ".local" / "state"
    return below / "flaskwright" / "allowed.json"


def text(topic: str, name: str) -> str:
    """Return what was said of a name; empty for nothing. Raises UsageError, or Unreachable."""
    found = _read().get(topic, {}).get(name, "")
    return found if isinstance(found, str) else ""


def names(topic: str, name: str) -> list[str]:
    """Return the names that were said of a name; raises UsageError, or Unreachable."""
    found = _read().get(topic, {}).get(name, [])
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


@contextmanager
def changed() -> Iterator[Said]:
    """Give all that was said, to be changed, and keep it at the end of the block; one at a time.

    Raises UsageError for a file that is broken or others can write, Unreachable for one that cannot
    be written.
    """
    import fcntl

    path = place()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (path.parent / ".allowed.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            said = _read()
            yield said
            _write(path, said)
    except OSError as error:
        raise _unusable(path, error) from None


def _read() -> Said:
    import json

    path = place()
    try:
        with path.open(encoding="utf-8") as file:
            _must_be_own(path, os.fstat(file.fileno()))
            said = json.load(file)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _unusable(path, error) from None
    except ValueError:
        said = None
    if not isinstance(said, dict) or not all(isinstance(each, dict) for each in said.values()):
        raise UsageError(
            f"{path} is not what Flaskwright has written",
            next=f"remove {path}; you will be asked again",
        )
    return said


def owners() -> set[int]:
    """Return the users whose files are the operator's own: with sudo, also of who has used it."""
    before = os.environ.get("SUDO_UID", "") if os.geteuid() == 0 else ""
    return {0, os.geteuid(), *([int(before)] if before.isdecimal() else [])}


def _must_be_own(path: Path, status: os.stat_result) -> None:
    if status.st_uid not in owners() or status.st_mode & 0o022:
        raise UsageError(
            f"{path} is not used",
            why="Others can write it, and so could say what only you may say.",
            next=f"remove {path}; you will be asked again",
        )


def _write(path: Path, said: Said) -> None:
    import json
    import tempfile

    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".allowed-")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(said, file, indent=1, sort_keys=True)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _unusable(path: Path, error: OSError) -> Unreachable:
    return Unreachable(f"cannot use {path}", why=f"{error.strerror}.")
