"""The certificate that port 443 shows, which is the one that counts."""

from __future__ import annotations

import re
import time

from ..engine.errors import Failed
from ..web.http import ask_certificate
from ..web.nginx import server as nginx
from .lineage import chain, names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from ..engine.run import Run


LOCALHOST = "127.0.0.1"


class Shown:
    """A certificate as openssl reads it; `begin` and `end` are seconds since the epoch."""

    def __init__(self, text: str) -> None:
        self.names = names_in(text)
        self.issuer = _value("issuer", text)
        self.serial = _value("serial", text)
        self.begin, self.end = _seconds("notBefore", text), _seconds("notAfter", text)

    @property
    def left(self) -> float:
        """The seconds that it is good for."""
        return self.end - time.time()

    @property
    def fraction(self) -> float:
        """The part of its lifetime that is left, 0 to 1; lifetimes differ, and get shorter."""
        return max(0.0, self.left) / (self.end - self.begin)

    @property
    def days(self) -> str:
        """The days that are left, of those that it was given for: `61.3 of 90`."""
        return "%.1f of %.0f" % (self.left / 86400, (self.end - self.begin) / 86400)

    def told(self) -> State:
        """Give names, issuer, serial, since, until, and what is left, as texts for a person."""
        return {
            "names": self.names,
            "issuer": self.issuer,
            "serial": self.serial,
            "since": stamp(self.begin),
            "until": stamp(self.end),
            "left": "%s days, %.0f %% of its lifetime" % (self.days, 100 * self.fraction),
        }


def shown_by(run: Run, domain: str) -> Shown:
    """Read the certificate that port 443 shows for a name; raises Failed where it shows none."""
    try:
        data = ask_certificate(LOCALHOST, domain)
    except OSError as error:
        what = "port 443 shows no certificate for %s" % domain
        raise Failed(what, str(error), next="./fab deploy") from None
    argv = ["openssl", "x509", "-inform", "DER", "-noout", "-issuer", "-serial", "-dates"]
    return Shown(run.command([*argv, "-ext", "subjectAltName"], input=data, timeout=30).out)


def is_served(domain: str) -> bool:
    """Tell whether port 443 shows a domain's certificate that is on the disk."""
    try:
        return ask_certificate(LOCALHOST, domain) == _first(domain)
    except OSError:
        return False


def serve(run: Run, domain: str) -> None:
    """Wait a moment until port 443 shows the certificate on the disk; else reload nginx."""
    for pause in (0.0, 0.2, 1.0, 2.0):
        time.sleep(pause)
        if is_served(domain):
            return
    nginx.reload(run)


def stamp(moment: float) -> str:
    """Write seconds since the epoch as `2026-11-30 18:25 UTC`."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(moment))


def _first(domain: str) -> bytes:
    """Give the first certificate of the file, in DER."""
    import ssl

    with open(chain(domain), encoding="ascii") as file:
        text = file.read()
    mark = "-----END CERTIFICATE-----"
    return ssl.PEM_cert_to_DER_cert(text[: text.index(mark) + len(mark)])


def _seconds(key: str, text: str) -> float:
    import ssl

    return ssl.cert_time_to_seconds(_value(key, text))


def _value(key: str, text: str) -> str:
    found = re.search("^%s=(.*)" % key, text, re.MULTILINE)
    return found.group(1).strip() if found else ""
