"""What visitors are shown as a certificate, and whether it will be renewed."""

from __future__ import annotations

from ..engine.handler import Act, handles
from ..system import systemd
from . import proof, renewal_config
from .certificate import PROFILE_KEY
from .rehearsal import hook_trouble
from .renewal import timer
from .served import is_served, shown_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from .served import Shown


LITTLE = 0.25  # of the lifetime: certbot renews when a third is left, or half of a short one
SERVICE = "certbot.service"
ENDS = "ExecMainExitTimestamp"


@handles("certificate-status")
class CertificateStatus(Act):
    """The certificate that port 443 shows, and all that its renewal hangs on."""

    reads = True
    certificate: State

    def act(self) -> State:
        """Read it from port 443, not from the file."""
        domain, names = self.run.site.domain, self.run.site.names
        shown, noted = shown_by(self.run, domain), renewal_config.read(domain)
        found = renewal_config.webroot(noted, names)
        since = proof.proven(self.run, self.certificate["server"])
        answer = dict(
            shown.told(),
            authority=renewal_config.value(noted, "server"),
            profile=renewal_config.value(noted, PROFILE_KEY) or "none named",
            file="is what is served" if is_served(domain) else "differs: nginx.reload serves it",
            webroot=found or "not noted for every name: certs.obtain repairs it",
            timer=timer(self.run),
            hook=hook_trouble() or "there",
            proven=since or "not yet: certs.prove",
        )
        answer["last run of the timer"] = self._last_run()
        warning = _warning(shown)
        if warning:
            self.run.notice(warning)
            answer["warning"] = warning
        return answer

    def _last_run(self) -> str:
        """Say when the timer's certbot ran last, and how that ended; systemd forgets it at boot."""
        argv = ["systemctl", "show", "-p", ENDS + ",Result", "--", SERVICE]
        told = systemd.properties(self.run.command(argv, timeout=30).out, (ENDS, "Result"))
        if not told[ENDS]:
            return "none since the boot"
        return "%s: %s" % (told[ENDS], told["Result"])


def _warning(shown: Shown) -> str:
    """Say that there is little time left, or none; empty where all is well."""
    if shown.left <= 0:
        return "the certificate has run out: certs.issue orders another"
    if shown.fraction < LITTLE:
        told = "less than a quarter of its lifetime is left: renewals do not come through"
        return told + "; certs.renew --dry-run says why"
    return ""
