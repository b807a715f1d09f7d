"""The app's repository on the host: fetched from its URL, or a pack that the operator sends."""

from __future__ import annotations

import os
import re

from ..engine.errors import Failed
from ..engine.handler import Handler, handles
from ..system import disk
from .commits import Commits
from .remote import Remote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from ..engine.run import Run


FULL = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})$")
SHORT = re.compile(r"[0-9a-f]{4,63}$")


@handles("repository")
class Repository(Handler):
    """A bare repository with the wanted commit in it, its files complete."""

    keys = ("commit",)
    url: str | None
    ref: str
    commit: str | None

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.here = Commits(run)
        self.remote = Remote(self.url, self.here) if self.url else None
        self._target = self.commit or ""

    def wanted(self) -> State:
        """The commit that is to be deployed; of a short id that is not here, what was typed."""
        return {"commit": self._target}

    def actual(self) -> State:
        """Ask the server which one that is, and look whether it is here.

        The run learns of it either way, "" while it is unknown.
        """
        self._target = wanted = self._target or self._resolved()
        self.run.about.commit = wanted if FULL.match(wanted) else ""
        return {"commit": wanted if self.here.has(wanted) else None}

    def fix(self, differing: list[str]) -> None:
        """Fetch the commit, or take it from the operator's side, and keep it; raises Failed."""
        self.here.make()
        self._target = self._fetched(self.remote) if self.remote else self._sent(self._target)
        self.here.keep(self._target)

    def _resolved(self) -> str:
        if self.remote is None or FULL.match(self.ref):
            return self.ref
        self.remote.ask()
        name = self.remote.full_name(self.ref)
        if name:
            return self.remote.commit(name)
        if not SHORT.match(self.ref):
            raise self.remote.missing(self.ref)
        return self.here.resolve(self.ref) or self.ref

    def _fetched(self, remote: Remote) -> str:
        """Fetch the commit; its branch may have moved on since it was asked for."""
        name = self.ref if FULL.match(self.ref) else remote.full_name(self.ref)
        commit = remote.fetch(name) if name else ""
        if not commit:
            remote.ask()
            remote.fetch_everything()
            commit = self.here.resolve(remote.commit(name) if name in remote.names else self.ref)
        if not commit:
            raise remote.missing(self.ref)
        return commit

    def _sent(self, commit: str) -> str:
        """Ask the operator for the commit's files; its history is not needed here."""
        pack = self.run.want("commit", {"commit": commit, "have": self.here.kept()})
        if not pack:
            raise Failed(
                "commit %s could not be sent" % commit[:7],
                "the operator's side does not have it",
                next="deploy from the repository that has the commit",
            )
        self.here.git("index-pack", "--stdin", input=pack)
        self._cut_history_at(commit)
        return commit

    def _cut_history_at(self, commit: str) -> None:
        path = os.path.join(self.here.path, "shallow")
        known = set((disk.read(path) or b"").decode().split())
        disk.write(path, "".join("%s\n" % one for one in sorted(known | {commit})).encode())
