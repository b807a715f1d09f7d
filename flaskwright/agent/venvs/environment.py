"""The environment that a commit needs: interpreter, requirements, and the hash of both."""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import shutil
from itertools import count

from ..app.releases import Releases, commit_of
from ..engine.command import PATH
from ..engine.errors import Failed, NotYet
from ..git.commits import Commits
from . import declared, gunicorn_version
from .notes import VenvMarks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from ..common.place import Place
    from ..engine.output import Output
    from ..engine.run import Run
    from .declared import Declared

    class Asked(Protocol):
        """What says which environment it is: the fields of a resource."""

        builder: str
        python: str
        directory: str
        requirements: str | None


RECIPE = "2"  # another number makes every environment anew


class Environment:
    """A virtual environment of the app at `place`, which lies where its hash says.

    `number` tells it from others of the same requirements; most are number 0.
    """

    def __init__(
        self,
        place: Place,
        commit: str,
        interpreter: Interpreter,
        found: Declared,
        number: int = 0,
    ) -> None:
        self.place = place
        self.commit = commit
        self.interpreter = interpreter
        self.declared = found
        self.hash = self._hash(number)
        self.path = place.venv(self.hash)
        self.python = os.path.join(self.path, "bin", "python")

    def _hash(self, number: int) -> str:
        found = self.declared
        parts: list[Any] = [RECIPE, self.interpreter.version, os.uname().machine, found.gunicorn]
        parts += [found.base, found.files]
        parts += [self.commit] if found.code else []
        parts += [number] if number else []
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


class Interpreter:
    """The Python that an environment is made with; only `user`, who builds, ever starts it."""

    def __init__(self, run: Run, name: str, user: str) -> None:
        self.run = run
        self.name = name
        self.user = user
        self.path = shutil.which(name, path=PATH) or ""
        if not self.path:
            raise self._missing()
        self.version = self.command("-VV").out.strip()

    @property
    def short(self) -> str:
        """The version as people say it, such as `Python 3.11.2`."""
        return " ".join(self.version.split()[:2])

    def command(self, *arguments: str, check: bool = True) -> Output:
        """Run it; raises NotYet in a dry run before its user is there."""
        try:
            pwd.getpwnam(self.user)
        except KeyError:
            if self.run.checking:
                raise NotYet("there is the user %s" % self.user) from None
        argv = [self.path, "-I", *arguments]
        return self.run.command(argv, check=check, user=self.user, timeout=60)

    def _missing(self) -> Exception:
        if self.run.checking:
            return NotYet("%s is installed" % self.name)
        return Failed(
            "%s is not on this host" % self.name,
            next="install it there, or change `python` in hosts.toml",
        )


def environment_of(run: Run, asked: Asked) -> Environment:
    """Give the environment of the commit that this run is about, whether it is there or not."""
    key = "environment"
    if key not in run.cache:
        run.about.venv = ""
        commit = commit_of(run)
        commits = Commits(run)
        found = _declared(commits, commit, asked.directory, asked.requirements)
        interpreter = Interpreter(run, asked.python, asked.builder)
        made = (Environment(run.place, commit, interpreter, found, number) for number in count())
        run.cache[key] = next(one for one in made if not _is_lost(run, one))
        run.about.venv = run.cache[key].hash
    environment: Environment = run.cache[key]
    return environment


def _is_lost(run: Run, environment: Environment) -> bool:
    """Tell whether a release runs from it, and nothing is known of it: it is not made anew then."""
    venv = environment.hash
    if VenvMarks(run.place).is_made(venv):
        return False  # as nearly always: no manifest has to be read
    return venv in Releases(run.place).venvs()


def _declared(commits: Commits, commit: str, directory: str, given: str | None) -> Declared:
    if not commits.has(commit):
        if commits.run.checking:
            raise NotYet("the commit is on the host")
        raise Failed("the repository on the host has no commit %s" % commit, next="./fab deploy")
    found = declared.find(lambda path: commits.text(commit, path), directory, given)
    for path, text in found.files.items():
        gunicorn_version.must_start(path, text)
    return found
