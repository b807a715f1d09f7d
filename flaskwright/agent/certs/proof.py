"""Whether the renewal of a certificate has proven itself; that is remembered, and HSTS waits."""

from __future__ import annotations

import json
import os

from ..common.text import now
from ..engine.errors import Failed
from ..engine.handler import Handler, handles
from ..system import disk
from ..system.paths import make_directories
from . import rehearsal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from ..engine.run import Run


NOTE = "proven.json"  # in the app's state directory


@handles("proof")
class Proof(Handler):
    """The renewal has passed a rehearsal, and its hook has been seen to make nginx reload."""

    after_commit = True
    keys = ("proven",)
    certificate: State

    def wanted(self) -> State:
        """Give {"proven": True}: for this certificate, at this authority."""
        return {"proven": True}

    def actual(self) -> State:
        """Read what is remembered; nobody is asked."""
        return {"proven": bool(proven(self.run, self.certificate["server"]))}

    def fix(self, differing: list[str]) -> None:
        """Try both; what fails does not touch the site, but needs a person before it runs out."""
        rehearsal.must_be_there(self.run.site.domain)
        try:
            prove(self.run, self.certificate)
        except Failed:
            about = "the site is served, but the renewal of %s is not proven, so HSTS waits"
            self.run.about.person = about % self.run.site.domain
            raise

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say what would be tried."""
        return ["rehearse the renewal of %s, and run its hook" % self.run.site.domain]


def prove(run: Run, certificate: State) -> None:
    """Try both, what is ours first, and remember that they succeeded; raises Failed."""
    rehearsal.run_hook(run)
    rehearsal.rehearse(run, certificate)
    remember(run, certificate["server"], "hook", "rehearsal")


def remember(run: Run, server: str, *what: str) -> None:
    """Note what was proven, and when."""
    make_directories(run.place.state, 0o700)
    fields = dict(_about(run, server), since=now(), proven=what)
    disk.write(os.path.join(run.place.state, NOTE), json.dumps(fields).encode("ascii"), mode=0o600)


def proven(run: Run, server: str) -> str:
    """Give since when a renewal at that server counts as proven; empty: it does not."""
    note = _note(run)
    is_it = all(note.get(key) == value for key, value in _about(run, server).items())
    return str(note.get("since", "")) if is_it else ""


def forget(run: Run, domain: str) -> None:
    """Remove the note of what was proven of a domain's certificate."""
    if _note(run).get("domain") == domain:
        disk.remove(os.path.join(run.place.state, NOTE))


def _note(run: Run) -> State:
    note: State = json.loads(
        (disk.read(os.path.join(run.place.state, NOTE)) or b"{}").decode("ascii")
    )
    return note


def _about(run: Run, server: str) -> State:
    return {"domain": run.site.domain, "server": server}
