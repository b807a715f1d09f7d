"""hosts.toml for tests: what is given replaces, adds to or removes from a good file."""

import json
from pathlib import Path
from typing import Any

import pytest

from flaskwright.config import hosts_toml
from flaskwright.errors import UsageError

APP = {"repo": "https://git.example.org/blog.git"}
HOST = {"guide": "raspberry-pi", "address": "192.0.2.7", "app": "blog"}


def written(directory: Path, text: str) -> Path:
    path = directory / "hosts.toml"
    path.write_text(text)
    return path


def document(
    app: dict[str, Any] | None = None, host: dict[str, Any] | None = None, **top: Any
) -> str:
    """Return a file with the app `blog` and the host `pi`; None as a value removes a key."""
    tables = {
        "apps": {"blog": {**APP, **(app or {})}},
        "hosts": {"pi": {**HOST, **(host or {})}},
        **top,
    }
    return "\n".join(f"{json.dumps(name)} = {toml(value)}" for name, value in tables.items())


def toml(value: Any) -> str:
    """Return a value as inline TOML."""
    if isinstance(value, dict):
        pairs = (f"{toml(k)} = {toml(v)}" for k, v in value.items() if v is not None)
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(c):08x}" for c in value) + '"'
    return json.dumps(value)


def problems(directory: Path, text: str) -> list[str]:
    """Return everything that is said about a file that is refused."""
    with pytest.raises(UsageError) as caught:
        hosts_toml.read(written(directory, text))
    error = caught.value
    return list(error.log) or [error.what]


def complaint(directory: Path, **changes: Any) -> str:
    """Return the one complaint about a good file with these changes, without the file's name."""
    (said,) = problems(directory, document(**changes))
    return said.removeprefix("hosts.toml: ")
