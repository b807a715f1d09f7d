"""A person's project in a test: an app's repository, a hosts.toml, and `./fab` as they type it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import forks

ROOT = Path(__file__).parents[2]
GUESTBOOK = ROOT / "examples" / "guestbook"
LONGEST = 600  # seconds for one command


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    def told(self, name: str) -> dict[str, Any]:
        """Return what `--json` printed for a host."""
        found: dict[str, Any] = json.loads(self.out)["hosts"][name]
        return found

    def __str__(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


APP = {
    "repo": "app",
    "wsgi": "app:app",
    "health": "/health",
    "env": {"DATABASE": "{shared}/guestbook.db"},
}


def table(name: str, keys: Mapping[str, Any]) -> str:
    """Return a table of hosts.toml."""
    return "\n".join([f"[{name}]", *(f"{key} = {toml(value)}" for key, value in keys.items()), ""])


def toml(value: object) -> str:
    """Return a value as TOML spells it: as JSON does, but for tables."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{toml(key)} = {toml(each)}" for key, each in value.items())
        return f"{{ {pairs} }}"
    return json.dumps(value)


class Project:
    """A directory with the app's repository `app` and a hosts.toml that names the host `name`.

    `start` runs `program`: `./fab`, or that of another version.
    """

    def __init__(self, directory: Path, name: str, suite: str = "bookworm") -> None:
        self.directory = directory
        self.name = name
        self.suite = suite
        self.program: tuple[str, ...] = (str(ROOT / "fab"),)
        self.app = directory / "app"
        self.hosts = directory / "hosts.toml"
        shutil.copytree(GUESTBOOK, self.app, ignore=shutil.ignore_patterns("*.db", "__pycache__"))
        self.git("init", "--quiet", "--initial-branch=main")
        self.first = self.commit("first")
        self.declare()

    def declare(self, host: Mapping[str, Any] = {}, more: str = "", **app: Any) -> None:
        """Write hosts.toml with other keys for the app and its host; `more` are further tables."""
        keys = {"guide": "raspberry-pi", "app": "guestbook", "sandbox": {"suite": self.suite}}
        tables = table("apps.guestbook", APP | app), table(f"hosts.{self.name}", keys | dict(host))
        self.write("".join([*tables, more]))

    def restore(self) -> None:
        """Make repository and hosts.toml what they were at first."""
        self.git("reset", "--quiet", "--hard", self.first)
        self.git("clean", "--quiet", "-d", "--force", "-x")
        self.declare()

    def add(self, path: str, text: str) -> str:
        """Write a file of the app, commit, and return the commit."""
        file = self.app / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return self.commit(f"{path} is new")

    def write(self, text: str) -> None:
        """Write hosts.toml."""
        self.hosts.write_text(text)

    def change(self, path: str, old: str, new: str) -> str:
        """Replace text in a file of the app, commit, and return the commit."""
        file = self.app / path
        text = file.read_text()
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new))
        return self.commit(f"{path}: {new}")

    def commit(self, message: str) -> str:
        """Commit everything in the app's repository; returns the commit's id."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments: str) -> str:
        """Run git in the app's repository."""
        who = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
        done = subprocess.run(
            ["git", "-C", str(self.app), *who, *arguments],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout

    def fab(self, *arguments: str, given: str | None = None, **environment: str) -> Said:
        """Run `./fab` with arguments, nobody at the terminal."""
        env = {**os.environ, "FLASKWRIGHT_HOSTS": str(self.hosts), **environment}
        return Said(*forks.run([*arguments], self.directory, env, given, LONGEST))

    def start(self, *arguments: str, terminal: int | None = None) -> subprocess.Popen[str]:
        """Begin `./fab` with arguments, on a terminal if there is one; the caller ends it."""
        streams = subprocess.PIPE if terminal is None else terminal
        return subprocess.Popen(
            [*self.program, *arguments],
            cwd=self.directory,
            env={**os.environ, "FLASKWRIGHT_HOSTS": str(self.hosts), "TERM": "xterm"},
            stdin=subprocess.DEVNULL if terminal is None else terminal,
            stdout=streams,
            stderr=streams,
            text=True,
            start_new_session=terminal is not None,
        )

    def on_host(self, *arguments: str, **environment: str) -> Said:
        """Run `./fab -H NAME` with arguments."""
        return self.fab("-H", self.name, *arguments, **environment)

    def steps(self) -> dict[str, str]:
        """Return the state of each step of the guide on the host, as `steps` tells it."""
        rows = self.on_host("steps", "--json").told(self.name)["steps"]
        states = {row["task"]: row["state"] for row in rows}
        return {
            task: state for task, state in states.items() if state.startswith(("done", "to do"))
        }
