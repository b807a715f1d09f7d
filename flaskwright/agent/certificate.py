"""Certificates from an ACME authority, obtained by certbot through its webroot plugin."""

from __future__ import annotations

from . import clock, profile, renewalconf
from .certbot import accepted, certbot, has_forgotten, rehearsed_at, without_account
from .challenge import answered
from .handler import handles
from .lineage import OfCertificate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .command import Output
    from .handler import State

RSA = "rsa"


@handles("certificate")
class Certificate(OfCertificate):
    """A certificate for the domain and its aliases, that has not run out, from that authority.

    Its renewal answers the authority from our webroot; `profile` is empty where none is asked for.
    """

    email: str | None
    ca: str
    profile: str
    key_type: str

    def wanted(self) -> State:
        """What every part of this module means by it, and how it will be renewed."""
        state = dict(self.certificate_wanted(), webroot=self.webroot)
        if self.key_type == RSA:  # an ECDSA key is the usual one, and nobody's RSA key is taken
            state["key"] = RSA
        return dict(state, profile=self.profile) if self.profile else state

    def actual(self) -> State:
        """Read it."""
        state, noted = self.certificate_actual(), renewalconf.read(self.domain)
        if self.profile and renewalconf.value(noted, profile.KEY) != self.profile:
            profile.must_be_known(self.run, self.profile)
        if not state:
            return {}
        state["webroot"] = renewalconf.webroot(noted, self.names)
        state["key"] = renewalconf.value(noted, "key_type") or RSA  # certbot's own before 2.0
        return dict(state, profile=renewalconf.value(noted, profile.KEY))

    def fix(self, differing: list[str]) -> None:
        """Obtain one; where one is there, nginx serves that until this has succeeded."""
        if differing == ["webroot"]:
            self.note_webroot()
            return
        clock.must_be_right(self.server)
        with answered(self.run, self.names, self.webroot):
            self.rehearse()
            self.order()

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say for which names it would be asked where, and why that."""
        if differing == ["webroot"]:
            told = "note the webroot of each name in %s; a renewal would ask for it"
            return [told % renewalconf.path(self.domain), *super().diff(actual, differing)]
        asked = "obtain a certificate for %s from %s" % (", ".join(self.names), self.server)
        return [asked, *(super().diff(actual, differing) if actual else [])]

    def rehearse(self) -> None:
        """Ask for one that is thrown away: what fails here counts against no limit of the real one.

        At Let's Encrypt its staging server is asked.
        """
        if self.profile:
            profile.must_be_known(self.run, self.profile)
        what = "no certificate for %s: its rehearsal failed" % ", ".join(self.names)
        self._ask(what, rehearsed_at(self.server), "--dry-run")

    def order(self) -> None:
        """Ask for one that stays; beside half of another one certbot would number its name."""
        if renewalconf.read(self.domain) and not self.certificate_actual():
            certbot(self.run, *("delete", "--cert-name", self.domain))
        what = "no certificate for %s" % ", ".join(self.names)
        self._ask(what, self.server, "--renew-with-new-domains", "--force-renewal")
        self.note_webroot()

    def note_webroot(self) -> None:
        """Note it where certbot did not, as when the authority asks for no challenge again."""
        noted = renewalconf.read(self.domain)
        if noted and renewalconf.webroot(noted, self.names) != self.webroot:
            renewalconf.repair(self.domain, self.names, self.webroot)

    def _ask(self, what: str, server: str, *words: str) -> None:
        output = self._certbot(*words)
        if not has_forgotten(output):
            accepted(what, output)
            return
        with without_account(server):
            accepted(what, self._certbot(*words))

    def _certbot(self, *words: str) -> Output:
        names = [word for name in self.names for word in ("-d", name)]
        account = ["--email", self.email, "--no-eff-email"] if self.email else []
        return certbot(
            self.run,
            *("certonly", "--webroot", "-w", self.webroot, "--cert-name", self.domain, *names),
            *("--key-type", self.key_type, "--server", self.server, "--agree-tos"),
            *(account or ["--register-unsafely-without-email"]),
            *profile.words(self.profile),
            *words,
            ca=self.ca,
        )
