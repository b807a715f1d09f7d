"""Certificates from an ACME authority, obtained by certbot through its webroot plugin."""

from __future__ import annotations

from .certbot import certbot, has_forgotten, trouble, without_account
from .challenge import answered
from .handler import handles
from .lineage import OfCertificate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .command import Output
    from .handler import State


@handles("certificate")
class Certificate(OfCertificate):
    """A certificate for the domain and its aliases, that has not run out, from that authority."""

    keys = ("names", "authority", "valid")
    email: str | None
    ca: str

    def wanted(self) -> State:
        """What every part of this module means by it."""
        return self.certificate_wanted()

    def actual(self) -> State:
        """Read it."""
        return self.certificate_actual()

    def fix(self, differing: list[str]) -> None:
        """Obtain one; where one is there, nginx serves that until this has succeeded."""
        with answered(self.run, self.names, self.webroot):
            output = self._obtain()
            if has_forgotten(output):
                with without_account(self.server):
                    self._must(self._obtain())
            else:
                self._must(output)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say for which names it would be asked where, and why that."""
        asked = "obtain a certificate for %s from %s" % (", ".join(self.names), self.server)
        return [asked, *(super().diff(actual, differing) if actual else [])]

    def _must(self, output: Output) -> None:
        if output.status:
            raise trouble("no certificate for %s" % ", ".join(self.names), output)

    def _obtain(self) -> Output:
        names = [word for name in self.names for word in ("-d", name)]
        account = ["--email", self.email, "--no-eff-email"] if self.email else []
        return certbot(
            self.run,
            *("certonly", "--webroot", "-w", self.webroot, "--cert-name", self.domain, *names),
            *("--key-type", "ecdsa", "--server", self.server, "--agree-tos"),
            *(account or ["--register-unsafely-without-email"]),
            *("--renew-with-new-domains", "--force-renewal"),
            ca=self.ca,
        )
