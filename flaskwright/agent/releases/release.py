"""Releases: immutable directories with the code, configuration and environment of one commit."""

from __future__ import annotations

import hashlib
import json
import os
import time

from ..app import paths_to_share
from ..app.history import Verdicts
from ..app.manifest import altered
from ..app.release_facts import facts_of
from ..app.releases import Releases, commit_of
from ..common.text import whole_lines
from ..engine.errors import NotYet
from ..engine.handler import Handler, handles, shown
from ..secrets.store import Credentials
from ..system import disk
from ..system.disk import remove_tree
from ..system.files import unified
from .draft import Draft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..engine.handler import State
    from ..engine.run import Run
    from .worker_class import Asked


CONFIGURATION = "etc/gunicorn.conf.py"
CREDENTIAL = "{credential}"  # in a unit, the place of the setting that has secrets handed over
UNITS = "systemd/system/"
BY_HAND = "changed by hand"
READER = "etc/keyring/flaskwright_keyring.py"


@handles("release")
class Release(Handler):
    """A release of this run's commit and configuration: the live one, or one made beside it."""

    keys = ("commit", "venv", "configuration")
    detached = True
    builder: str
    wsgi: str
    directory: str
    static: tuple[str, ...]
    shared: tuple[str, ...]
    workers: Asked
    files: dict[str, dict[str, Any]]

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.releases = Releases(run.place)
        self.credential = ""
        self.files = {path: self._with_credential(path, file) for path, file in self.files.items()}

    def wanted(self) -> State:
        """The commit, the hash of its environment, and the digest of everything else."""
        return {
            "commit": commit_of(self.run),
            "venv": self._venv(),
            "configuration": self._digest(),
        }

    def actual(self) -> State:
        """The same of the release that is live, or of one that is like it should be."""
        wanted, live = self.wanted(), self.releases.current()
        served = Verdicts(self.run.place).served()
        unused = [release for release in self.releases.ids() if release not in served]
        like = [one for one in (live, *unused) if one and self._state(one) == wanted]
        self.run.about.release = like[0] if like else ""
        return self._state(like[0] if like else live)

    def fix(self, differing: list[str]) -> None:
        """Make one; it gets its name when it is whole, and on the disk."""
        release = self._new_id()
        self._remove_broken_off()
        draft = Draft(self.run, self.builder, release)
        try:
            draft.check_out(self.wanted()["commit"], self.directory, self.static)
            draft.link_environment(self.wanted()["venv"])
            draft.look_at_workers(self.directory, self.workers)
            draft.install_project(self.wanted()["commit"], self.directory, self.wsgi)
            draft.link_shared(self.directory, self.shared)
            draft.write(self.files)
            if READER in self.files:
                draft.look_for_keyring()
            about = dict(self.wanted(), credential=self.credential)
            about.update(wsgi=self.wsgi, directory=self.directory, shared=list(self.shared))
            draft.describe(**about)
            draft.finish()
            self._tell_what_is_written(release)
        except BaseException:
            remove_tree(draft.path)
            raise

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Show commit and environment, and what changes in the files made for the release."""
        wanted, live = self.wanted(), self.releases.path(self.releases.current())
        lines = ["its files were " + BY_HAND] if BY_HAND in actual.values() else []
        lines += [
            "%s: %s -> %s" % (key, shown(key, actual.get(key)), shown(key, wanted[key]))
            for key in ("commit", "venv")
            if key in differing
        ]
        for path, file in sorted(self.files.items()):
            old = (disk.read(os.path.join(live, path)) or b"").decode("utf-8", "replace")
            lines += unified(path, path, whole_lines(old), whole_lines(file["content"]))
        return lines

    def note(self) -> str:
        """Give the release's id."""
        return self.run.about.release or ""

    def _tell_what_is_written(self, release: str) -> None:
        """Say so where the app's code names what it would write beside itself, and may not."""
        facts = facts_of(self.run.place, release)
        named = paths_to_share.unshared(facts)
        if named:
            told = "the app's code names %s beside itself, where it may not write: %s in hosts.toml"
            self.run.notice(told % (", ".join(named), paths_to_share.shares(facts, *named)))

    def _venv(self) -> str:
        if self.run.about.venv is None:
            live = self.releases.manifest(self.releases.current())
            self.run.about.venv = live.get("venv", "")
        if not self.run.about.venv:
            raise NotYet("its environment is known")
        return self.run.about.venv

    def _with_credential(self, path: str, file: dict[str, Any]) -> dict[str, Any]:
        """Give a file as it is written: a unit names the secrets that this run has brought."""
        if UNITS not in path or CREDENTIAL not in file["content"]:
            return file
        self.credential = self.run.about.credential or ""
        if not self.credential:
            raise NotYet("its secrets are here")
        setting = Credentials(self.run).setting(self.credential)
        return dict(file, content=file["content"].replace(CREDENTIAL, setting))

    def _digest(self) -> str:
        parts = [self.wsgi, self.directory, self.shared, self.files]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _state(self, release: str) -> State:
        """Give what a release is; files that somebody changed by hand are another configuration."""
        manifest = self.releases.manifest(release)
        state = {key: manifest.get(key) for key in self.keys}
        if state == self.wanted() and altered(self.releases.path(release), manifest["files"]):
            state["configuration"] = BY_HAND
        return state

    def _new_id(self) -> str:
        commit = commit_of(self.run)
        first = "%s-%s" % (time.strftime("%Y%m%d-%H%M%S", time.gmtime()), commit[:7])
        release, number = first, 1
        while os.path.lexists(self.releases.path(release)):
            number += 1
            release = "%s-%d" % (first, number)
        return release

    def _remove_broken_off(self) -> None:
        for name in os.listdir(self.releases.path("")):
            if name.startswith("."):
                remove_tree(self.releases.path(name))
