"""Certificates given back: revoked, because their key is no secret any more, or deleted."""

from __future__ import annotations

import os
import re

from ..engine.errors import Failed
from ..engine.handler import Act, handles
from ..system import disk
from ..web.nginx import server as nginx
from . import proof, rehearsal
from .certbot import HOME, accepted, certbot
from .renewal import renew
from .served import is_served

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.handler import State


SITES = "/etc/nginx"


@handles("revocation")
class Revocation(Act):
    """The certificate revoked at its authority; a site that shows it gets another one first."""

    certificate: State
    reason: str

    def act(self) -> State:
        """Replace and revoke; raises Failed, and then the certificate is as good as it was."""
        domain = self.run.site.domain
        rehearsal.must_be_there(domain)
        former = os.path.realpath(os.path.join(HOME, "live", domain, "cert.pem"))
        replaced = is_served(domain)
        now = renew(self.run, self.certificate, force=True)[1] if replaced else {}
        output = certbot(
            self.run,
            *("revoke", "--cert-path", former, "--reason", self.reason),
            *("--server", self.certificate["server"], "--no-delete-after-revoke"),
            ca=self.certificate["ca"],
        )
        accepted("the certificate for %s was not revoked" % domain, output)
        instead = "the site shows another, good until %s" % now["until"] if now else "none"
        return {"revoked": former, "reason": self.reason, "instead": instead}


@handles("certificate-deletion")
class CertificateDeletion(Act):
    """A certificate, its key and its renewal gone from the host; not while a site shows it."""

    domain: str

    def act(self) -> State:
        """Delete certificate and renewal; raises Failed while a site of nginx names them."""
        if not os.path.isdir(os.path.join(HOME, "live", self.domain)):
            return {"deleted": "nothing: there is no certificate of %s" % self.domain}
        users = sorted(set(_users(self.domain)))
        if users:
            what = "the certificate for %s is in use, so it is not deleted" % self.domain
            why = "nginx would not start without it"
            helps = "give the host another `domain`, or tls = { off = true }; deploy; then again"
            raise Failed(what, why, users, helps)
        output = certbot(self.run, "delete", "--cert-name", self.domain)
        accepted("the certificate for %s was not deleted" % self.domain, output)
        proof.forget(self.run, self.domain)
        if nginx.workers():
            nginx.reload(self.run)  # it counts certificates among what it has in force
        return {"deleted": self.domain}


def _users(domain: str) -> Iterator[str]:
    """Yield the files of nginx's configuration that name the certificate, as they really lie."""
    named = re.compile(r"^\s*ssl_\w+\s+\S*/live/%s/" % re.escape(domain), re.MULTILINE)
    for place, _, names in os.walk(SITES):
        for name in names:
            path = os.path.realpath(os.path.join(place, name))
            if named.search((disk.read(path) or b"").decode("utf-8", "replace")):
                yield path
