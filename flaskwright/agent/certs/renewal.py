"""Renewals that somebody asks for: when due, forced, rehearsed, proven."""

from __future__ import annotations

from ..engine.handler import Act, handles
from ..system.units import unit_state
from ..web.nginx import server as nginx
from . import proof, rehearsal
from .certbot import accepted, has_forgotten
from .certificate import Certificate
from .served import serve, shown_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from ..engine.run import Run
    from .served import Shown


TIMER = "certbot.timer"


@handles("renewal")
class Renewal(Act):
    """certbot's renewal of one certificate: for real when it is due, or forced, or a rehearsal.

    `certificate` has the fields of the resource.
    """

    reads = True  # a rehearsal changes nothing here, and is what a dry run asks for
    certificate: State
    force: bool

    def act(self) -> State:
        """Renew and make sure that nginx serves the result; or rehearse; raises Failed."""
        rehearsal.must_be_there(self.run.site.domain)
        if self.run.checking:
            return self._rehearse()
        renewed, now = renew(self.run, self.certificate, self.force)
        return dict({"renewed": "yes" if renewed else "not due yet (--force renews it)"}, **now)

    def _rehearse(self) -> State:
        rehearsal.must_have_hook()
        nginx.syntax(self.run)
        rehearsal.rehearse(self.run, self.certificate)
        return {"rehearsal": "passed", "hook": "there", "timer": timer(self.run)}


@handles("prove")
class Prove(Act):
    """The renewal tried in all its parts; with `force` one is done for real."""

    certificate: State
    force: bool

    def act(self) -> State:
        """Try, and remember; raises Failed at the first part that fails."""
        run, certificate = self.run, self.certificate
        rehearsal.must_be_there(run.site.domain)
        proof.forget(run, run.site.domain)
        proof.prove(run, certificate)
        answer = {"rehearsal": "passed", "hook": "ran, and nginx reloaded"}
        if self.force:
            _, now = renew(run, certificate, force=True)
            proof.remember(run, certificate["server"], "hook", "rehearsal", "renewal")
            answer["renewal"] = "done, and served: good until %s" % now["until"]
        else:
            answer["renewal"] = "not forced: the authority counts certificates"
        return dict(answer, timer=timer(run))


def renew(run: Run, certificate: State, force: bool) -> tuple[bool, State]:
    """Renew for real; gives whether there is another certificate now, and what is served.

    The authority is not asked for what nginx could not take up.
    """
    domain = run.site.domain
    before = shown_by(run, domain)
    nginx.syntax(run)
    output = rehearsal.renewed(run, certificate, *(["--force-renewal"] if force else []))
    ours = Certificate(certificate, run)
    if force and has_forgotten(output):
        ours.fix([])
    else:
        accepted("the certificate for %s was not renewed" % domain, output)
        ours.note_webroot()
    serve(run, domain)
    now: Shown = shown_by(run, domain)
    return now.serial != before.serial, now.told()


def timer(run: Run) -> str:
    """Give the state of certbot's timer as systemd has it: `active, enabled`."""
    state = unit_state(run, TIMER)
    return "%s, %s" % (state["ActiveState"], state["UnitFileState"] or "not there")
