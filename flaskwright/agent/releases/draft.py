"""A release in the making, under a name that begins with a dot."""

from __future__ import annotations

import glob
import json
import os

from ..app.manifest import checksums
from ..app.releases import MANIFEST, Releases
from ..common.text import now
from ..engine.errors import Failed
from ..git.commits import Commits
from ..system import disk
from ..system.owners import gid
from ..venvs import project
from ..venvs.notes import VenvMarks
from .bytecode import compile_code
from .code import kept_elsewhere, settle
from .installation import Installation
from .shared import Shared
from .static_links import make_files_of
from .worker_notices import Workers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..common.place import Place
    from ..engine.run import Run
    from .worker_class import Asked


DRAFT = ".%s.tmp"
NOT_INSTALLED = (
    "the project itself could not be installed, so that its commands and entry points are missing, "
    "and the app is run from its directory: %s"
)


class Draft:
    """What becomes the release `release`; its parts are called in this order."""

    def __init__(self, run: Run, builder: str, release: str) -> None:
        self.run = run
        self.builder = builder
        self.release = release
        self.path = Releases(run.place).path(DRAFT % release)
        self.code = os.path.join(self.path, "code")
        self.python = self.subject = self.venv = ""
        self.packages: dict[str, str] = {}

    def check_out(self, commit: str, directory: str, static: Iterable[str]) -> None:
        """Write the commit's files, `static` without links; raises Failed for what cannot stay."""
        os.makedirs(self.code)
        commits = Commits(self.run)
        commits.check_out(commit, self.code)
        self.subject = commits.subject(commit)
        for told in settle(self.code) + kept_elsewhere(self.code):
            self.run.notice(told)
        if not os.path.isdir(os.path.join(self.code, directory)):
            what = "the commit has no directory %s" % directory
            raise Failed(what, next="check `directory` in hosts.toml")
        for told in make_files_of(self.code, directory, static):
            self.run.notice(told)

    def link_environment(self, venv: str) -> None:
        """Link the environment, and compile the code with the interpreter it was made with."""
        environment = self.run.place.venv(venv)
        made_with = VenvMarks(self.run.place).summary(venv)
        if not made_with:
            raise Failed("the environment %s is not complete" % environment, next="./fab deploy")
        os.symlink(environment, os.path.join(self.path, ".venv"))
        self.venv = venv
        self.python, self.packages = made_with["version"], made_with["packages"]
        compile_code(self.run, made_with["python"], self.builder, self.code)

    def look_at_workers(self, directory: str, asked: Asked) -> None:
        """Tell which workers suit the app; raises Failed where what they need is not installed."""
        environment, code = os.path.join(self.path, ".venv"), os.path.join(self.code, directory)
        workers = Workers(asked, environment, code, self.packages)
        workers.must_be_there()
        for told in workers.told():
            self.run.notice(told)

    def install_project(self, commit: str, directory: str, wsgi: str) -> None:
        """Install the project itself, where it is a package that its environment does not have.

        Raises Failed where the app is in it; else a person is told, and the app runs without.
        """
        found = project.find(self.code, directory)
        known = VenvMarks(self.run.place).summary(self.venv)
        if not found or found.name in known["packages"]:
            return
        try:
            made = Installation(self.run, self.builder, self.path)
            made.make(found, commit, self.venv)
        except Failed as failed:
            if project.brings_app(self.code, directory, wsgi):
                raise
            self.run.notice(NOT_INSTALLED % failed.what)

    def look_for_keyring(self) -> None:
        """Say so where the app could not read its secrets; it is tried all the same."""
        packages = os.path.join(self.path, ".venv", "lib", "python*", "site-packages", "keyring")
        if not glob.glob(packages):
            self.run.notice("its requirements have no keyring: the app cannot read its secrets")

    def link_shared(self, directory: str, paths: Iterable[str]) -> None:
        """Link what outlives the release; after compiling, which would follow these links."""
        releases = Releases(self.run.place)
        before = releases.manifest(releases.current())
        shared = Shared(self.run, self.path, before)
        shared.link(os.path.join(self.code, directory), paths)

    def write(self, files: dict[str, dict[str, Any]]) -> None:
        """Write rendered files, each with its mode and group."""
        for path, file in files.items():
            place = os.path.join(self.path, path)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            data = file["content"].encode()
            disk.write(place, data, os.geteuid(), gid(file["group"]), file["mode"])

    def describe(self, **facts: Any) -> None:
        """Write the manifest: the facts, and the checksum of every file."""
        facts.update(id=self.release, created=now(), python=self.python, subject=self.subject)
        facts["files"] = checksums(self.path)
        place = os.path.join(self.path, MANIFEST)
        disk.write(place, json.dumps(facts, indent=1, sort_keys=True).encode())

    def finish(self) -> None:
        """Give the release its name, once all of it is on the disk."""
        disk.sync_tree(self.path)
        disk.rename(self.path, Releases(self.run.place).path(self.release))


def sweep(place: Place) -> None:
    """Remove releases that were cut off while they were made."""
    for path in glob.glob(Releases(place).path(DRAFT % "*") + "*"):
        disk.remove_tree(path)
