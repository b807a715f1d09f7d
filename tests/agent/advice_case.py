"""A case file: what is known of an app, what a person must be told, and what a program has said.

A header of `name: value` lines; then parts that begin with `--- PATH`, files of the repository, and
at last `--- output`. `files` names more of them, whose text does not matter.
"""

from __future__ import annotations

from pathlib import Path

from flaskwright.agent.app import failures
from flaskwright.agent.app.advice import Facts, Told
from flaskwright.agent.releases import command_failures
from flaskwright.agent.venvs import pip_errors

HERE = Path(__file__).with_name("advice")
RELEASE = "/srv/blog/releases/20261130-170000-3f2c1aa"
OUTPUT = "output"


class Case:
    """One of them, read."""

    def __init__(self, path: Path) -> None:
        head, *parts = path.read_text("utf-8").split("\n--- ")
        self.head = dict(line.split(": ", 1) for line in head.splitlines() if line)
        self.parts = dict(part.split("\n", 1) for part in parts)
        self.lines = [line.rstrip() for line in self.parts.pop(OUTPUT).split("\n") if line.strip()]

    @property
    def facts(self) -> Facts:
        """What is known of the app."""
        given = self.head.get
        return Facts(
            python=given("python", "Python 3.11.2"),
            wsgi=given("wsgi", "app:app"),
            directory=given("directory", ""),
            shared=given("shared", "").split(),
            command=given("command", "").split(),
            files=[*self.parts, *given("files", "").split()],
            place=f"{RELEASE}/code",
            data="/srv/blog/shared",
            read=self.parts.get,
            installed="installed" in self.head,
            group_of=lambda path: None if given("group") == "none" else given("group", ""),
        )

    def told(self) -> Told:
        """What a person is told."""
        if self.head["kind"] == "build":
            return pip_errors.explained(self.lines, self.facts)
        if self.head["kind"] == "command":
            return command_failures.explained(self.lines, self.facts)
        return failures.explained(self.lines, self.facts, self.head.get("complaint", ""))
