"""Renewals, rehearsals of them, and what port 443 shows."""

from __future__ import annotations

import os
import re
import time

from . import nginx
from .asking import served
from .certbot import HOME, certbot, has_forgotten, trouble
from .certificate import Certificate
from .handler import Act, Failed, handles
from .lineage import chain, names_in
from .units import unit_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .command import Output
    from .handler import State
    from .run import Run

HOOK = HOME + "/renewal-hooks/deploy/50-flaskwright-nginx"
TIMER = "certbot.timer"
LOCALHOST = "127.0.0.1"


@handles("renewal")
class Renewal(Act):
    """certbot's renewal of one certificate: for real when it is due, or forced, or a rehearsal.

    `certificate` has the fields of the resource; `rehearse_at` is empty for Let's Encrypt, which
    has a server of its own for that.
    """

    reads = True  # a rehearsal changes nothing here, and is what a dry run asks for
    certificate: State
    rehearse_at: str
    force: bool

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.domain: str = self.certificate["domain"]

    def act(self) -> State:
        """Renew and make sure that nginx serves the result; or rehearse; raises Failed."""
        if not os.path.exists(chain(self.domain)):
            raise Failed("there is no certificate for %s yet" % self.domain, next="./fab deploy")
        if self.run.checking:
            return self._rehearse()
        before = shown_by(self.run, self.domain)
        output = self._certbot(*(["--force-renewal"] if self.force else []))
        if self.force and has_forgotten(output):
            Certificate(self.certificate, self.run).fix([])
        elif output.status:
            raise trouble("the certificate for %s was not renewed" % self.domain, output)
        self._serve()
        now = shown_by(self.run, self.domain)
        renewed = "yes" if now["serial"] != before["serial"] else "not due yet (--force renews it)"
        return dict({"renewed": renewed}, **now)

    def _rehearse(self) -> State:
        server = ["--server", self.rehearse_at] if self.rehearse_at else []
        output = self._certbot("--dry-run", *server)
        if output.status:
            raise trouble("the renewal of %s failed in its rehearsal" % self.domain, output)
        missing = hook_trouble()
        if missing:
            why = "nginx would go on with the old certificate"
            raise Failed(missing, why, next="certs.hook writes it anew")
        nginx.syntax(self.run)
        return {"rehearsal": "passed", "hook": "there", "timer": _timer(self.run)}

    def _certbot(self, *words: str) -> Output:
        """Run `certbot renew`: without the sleep of up to 8 minutes that it takes by itself."""
        base = ("renew", "--cert-name", self.domain, "--no-random-sleep-on-renew")
        return certbot(self.run, *base, *words, ca=self.certificate["ca"])

    def _serve(self) -> None:
        """The hook has reloaded nginx; new workers take the port a moment later."""
        for pause in (0.0, 0.2, 1.0, 2.0):
            time.sleep(pause)
            if served(LOCALHOST, self.domain) == _first(self.domain):
                return
        nginx.reload(self.run)


@handles("certificate-status")
class CertificateStatus(Act):
    """What visitors are shown, and whether it will be renewed."""

    reads = True
    domain: str

    def act(self) -> State:
        """Read it from port 443, not from the file."""
        shown = shown_by(self.run, self.domain)
        fresh = served(LOCALHOST, self.domain) == _first(self.domain)
        return dict(
            shown,
            file="is what is served" if fresh else "differs from what is served: nginx.reload",
            timer=_timer(self.run),
            hook=hook_trouble() or "there",
        )


def shown_by(run: Run, domain: str) -> State:
    """Read the certificate that port 443 shows for a name; raises Failed where it shows none."""
    try:
        data = served(LOCALHOST, domain)
    except OSError as error:
        raise Failed("port 443 shows no certificate for %s" % domain, str(error)) from None
    argv = ["openssl", "x509", "-inform", "DER", "-noout", "-issuer", "-serial", "-dates"]
    out = run.command([*argv, "-ext", "subjectAltName"], input=data, timeout=30).out
    begin, end = (_seconds(re.search(word + "=(.*)", out)) for word in ("notBefore", "notAfter"))
    left = (end - time.time()) / 86400
    return {
        "names": names_in(out),
        "issuer": _value(re.search("issuer=(.*)", out)),
        "serial": _value(re.search("serial=(.*)", out)),
        "until": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(end)),
        "days left": "%.1f of %.0f" % (left, (end - begin) / 86400),
    }


def hook_trouble() -> str:
    """Say what is wrong with the hook that makes nginx serve a renewed certificate."""
    return "" if os.access(HOOK, os.X_OK) else "the renewal hook %s is not there" % HOOK


def _timer(run: Run) -> str:
    state = unit_state(run, TIMER)
    return "%s, %s" % (state["ActiveState"], state["UnitFileState"] or "not there")


def _first(domain: str) -> bytes:
    """Give the first certificate of the file, in DER."""
    import ssl

    with open(chain(domain), encoding="ascii") as file:
        text = file.read()
    mark = "-----END CERTIFICATE-----"
    return ssl.PEM_cert_to_DER_cert(text[: text.index(mark) + len(mark)])


def _seconds(found: re.Match[str] | None) -> float:
    import ssl

    return ssl.cert_time_to_seconds(_value(found))


def _value(found: re.Match[str] | None) -> str:
    return found.group(1).strip() if found else ""
