"""The certificate of a site, and the profile that it is asked for with."""

from __future__ import annotations

from ..common.text import numbers
from ..engine.errors import Failed
from ..engine.handler import handles
from . import prerequisites, renewal_config
from .certbot import accepted, certbot, has_forgotten, rehearsed_at, without_account
from .challenge import answered
from .lineage import OfCertificate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from ..engine.output import Output
    from ..engine.run import Run


PROFILE_KEY = "preferred_profile"  # in what certbot notes for the renewal

# 4.0 takes the flag too, but does not note it: its renewals would be of another profile
PROFILES_SINCE = (4, 1)


RSA = "rsa"


def profile_words(profile: str) -> list[str]:
    """Give the options by which certbot asks for a profile; none where it is empty."""
    return ["--preferred-profile", profile] if profile else []


def must_know_profile(run: Run, profile: str) -> None:
    """Raise Failed where the host's certbot cannot ask for profiles and renew with them."""
    said = run.command(["certbot", "--version"], check=False, timeout=60).out
    version = said.rpartition(" ")[2].strip()
    if numbers(version) >= PROFILES_SINCE:
        return
    raise Failed(
        "certbot %s on this host cannot keep to the profile %s" % (version, profile),
        "profiles are noted for renewals since certbot %d.%d" % PROFILES_SINCE,
        next="take `acme.profile` out of hosts.toml, or install a newer certbot on the host",
    )


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
        """Give names, authority, webroot; key type and profile where hosts.toml asks for them."""
        state = dict(self.certificate_wanted(), webroot=self.webroot)
        if self.key_type == RSA:  # an ECDSA key is the usual one, and nobody's RSA key is taken
            state["key"] = RSA
        return dict(state, profile=self.profile) if self.profile else state

    def actual(self) -> State:
        """Read the certificate and certbot's notes; {} without one. Raises Failed (profile)."""
        state, noted = self.certificate_actual(), renewal_config.read(self.domain)
        if self.profile and renewal_config.value(noted, PROFILE_KEY) != self.profile:
            must_know_profile(self.run, self.profile)
        if not state:
            return {}
        state["webroot"] = renewal_config.webroot(noted, self.names)
        state["key"] = renewal_config.value(noted, "key_type") or RSA  # certbot's own before 2.0
        return dict(state, profile=renewal_config.value(noted, PROFILE_KEY))

    def fix(self, differing: list[str]) -> None:
        """Obtain a certificate; nginx serves the former one until then. Raises Failed."""
        if differing == ["webroot"]:
            self.note_webroot()
            return
        prerequisites.must_be_right(self.server)
        with answered(self.run, self.names, self.webroot):
            self.rehearse()
            self.order()

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say for which names a certificate would be asked at which authority, and what differs."""
        if differing == ["webroot"]:
            told = "note the webroot of each name in %s; a renewal would ask for it"
            return [told % renewal_config.path(self.domain), *super().diff(actual, differing)]
        asked = "obtain a certificate for %s from %s" % (", ".join(self.names), self.server)
        return [asked, *(super().diff(actual, differing) if actual else [])]

    def rehearse(self) -> None:
        """Ask for one that is thrown away: what fails here counts against no limit of the real one.

        At Let's Encrypt its staging server is asked.
        """
        if self.profile:
            must_know_profile(self.run, self.profile)
        what = "no certificate for %s: its rehearsal failed" % ", ".join(self.names)
        self._ask(what, rehearsed_at(self.server), "--dry-run")

    def order(self) -> None:
        """Ask for one that stays; beside half of another one certbot would number its name."""
        if renewal_config.read(self.domain) and not self.certificate_actual():
            certbot(self.run, *("delete", "--cert-name", self.domain))
        what = "no certificate for %s" % ", ".join(self.names)
        self._ask(what, self.server, "--renew-with-new-domains", "--force-renewal")
        self.note_webroot()

    def note_webroot(self) -> None:
        """Note it where certbot did not, as when the authority asks for no challenge again."""
        noted = renewal_config.read(self.domain)
        if noted and renewal_config.webroot(noted, self.names) != self.webroot:
            renewal_config.repair(self.domain, self.names, self.webroot)

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
            *profile_words(self.profile),
            *words,
            ca=self.ca,
        )
