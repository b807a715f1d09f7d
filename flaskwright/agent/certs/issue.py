"""A certificate asked for by hand: every look beforehand, a rehearsal, and the order."""

from __future__ import annotations

import os

from ..engine.errors import NotYet, Stopped
from ..engine.handler import Act, handles
from ..web.nginx import server as nginx
from . import prerequisites
from .certificate import Certificate
from .challenge import answered
from .prerequisites import LeadsHere
from .served import stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State


CERTBOT = "/usr/bin/certbot"


@handles("issue")
class Issue(Act):
    """All that `Certificate` does when one is missing, told step by step.

    A dry run ends after the rehearsal; `force`: another one, although there is one.
    """

    reads = True  # a rehearsal changes nothing that stays
    certificate: State
    force: bool
    seen: tuple[str, ...] = ()

    def act(self) -> State:
        """Look, rehearse, order; raises Failed at the first of them that fails."""
        if not nginx.workers() or not os.path.exists(CERTBOT):
            raise NotYet("nginx runs and certbot is there")
        nginx.syntax(self.run)
        certificate = Certificate(self.certificate, self.run)
        looks = LeadsHere(dict(self.certificate, seen=self.seen), self.run).look()
        prerequisites.must_be_right(certificate.server)
        answer = dict(looks, clock="right")
        with answered(self.run, certificate.names, certificate.webroot):
            certificate.rehearse()
            answer["rehearsal"] = "passed"
            answer["certificate"] = self._ordered(certificate)
        return answer

    def _ordered(self, certificate: Certificate) -> str:
        if self.run.checking:
            return "not ordered: this was the rehearsal"
        if certificate.is_obtained() and not self.force:
            return "there is one already (--force orders another)"
        self.run.pause(0.0)  # a wish to stop is noticed, and that nobody waits any more
        if self.run.wire.stopping:
            raise Stopped("stopped", "as asked, before the order")
        certificate.order()
        if nginx.workers():
            nginx.reload(self.run)
        return "ordered and there since %s" % stamp(os.stat(certificate.path).st_mtime)
