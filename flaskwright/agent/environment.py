"""The environment that a commit needs: interpreter, requirements, and the hash of both."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil

from . import declared, disk
from .command import PATH
from .commits import Commits
from .handler import Failed, NotYet
from .releases import commit_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .declared import Declared
    from .run import Run

RECIPE = "1"  # another number makes every environment anew
MADE, COMPLETE = ".made", ".complete"


class Environment:
    """A virtual environment below `app_root`/venvs, which lies where its hash says.

    MADE in it says that it can be installed into, COMPLETE that everything is.
    """

    def __init__(self, app_root: str, commit: str, interpreter: Interpreter, found: Declared):
        self.app_root = app_root
        self.commit = commit
        self.interpreter = interpreter
        self.declared = found
        self.hash = self._hash()
        self.path = os.path.join(app_root, "venvs", self.hash)
        self.python = os.path.join(self.path, "bin", "python")

    def is_made(self) -> bool:
        """Tell whether the environment is there, and nothing was broken off in it."""
        return self._says(MADE) or self.is_complete()

    def is_complete(self) -> bool:
        """Tell whether all requirements are installed."""
        return self._says(COMPLETE)

    def _says(self, marker: str) -> bool:
        """Tell whether a marker is there; only our own word for it counts."""
        status = disk.lstat(os.path.join(self.path, marker))
        ours = status is not None and status.st_uid == os.geteuid()
        return ours and os.path.exists(self.python)

    def _hash(self) -> str:
        parts: list[Any] = [RECIPE, self.interpreter.version, platform.machine(), "gunicorn"]
        parts += [self.declared.base, self.declared.files]
        parts += [self.commit] if self.declared.code else []
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


class Interpreter:
    """The Python that an environment is made with."""

    def __init__(self, run: Run, name: str) -> None:
        self.run = run
        self.name = name
        self.path = shutil.which(name, path=PATH) or ""
        if not self.path:
            raise self._missing()
        self.version = run.command([self.path, "-VV"]).out.strip()

    @property
    def short(self) -> str:
        """The version as people say it, such as `Python 3.11.2`."""
        return " ".join(self.version.split()[:2])

    def _missing(self) -> Exception:
        if self.run.checking:
            return NotYet("%s is installed" % self.name)
        return Failed(
            "%s is not on this host" % self.name,
            next="install it there, or change `python` in hosts.toml",
        )


def environment_of(
    run: Run, app_root: str, python: str, directory: str, requirements: str | None
) -> Environment:
    """Give the environment of the commit that this run is about, whether it is there or not."""
    key = "environment:" + app_root
    if key not in run.cache:
        run.facts["venv"] = ""
        commit = commit_of(run, app_root)
        interpreter = Interpreter(run, python)
        commits = Commits(run, os.path.join(app_root, "repo.git"))
        found = _declared(commits, commit, directory, requirements)
        run.cache[key] = Environment(app_root, commit, interpreter, found)
        run.facts["venv"] = run.cache[key].hash
    environment: Environment = run.cache[key]
    return environment


def _declared(commits: Commits, commit: str, directory: str, given: str | None) -> Declared:
    if not commits.has(commit):
        if commits.run.checking:
            raise NotYet("the commit is on the host")
        raise Failed("the repository on the host has no commit %s" % commit, next="./fab deploy")
    return declared.find(lambda path: commits.text(commit, path), directory, given)
