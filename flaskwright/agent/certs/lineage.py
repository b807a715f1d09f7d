"""A certificate that certbot keeps: what its files say, and what should be in them."""

from __future__ import annotations

import os
import re

from ..engine.handler import Handler
from . import renewal_config
from .certbot import HOME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from ..engine.run import Run


_known: dict[tuple[str, int, int], State] = {}


class OfCertificate(Handler):
    """A resource that is about one certificate: the handlers share what it should be."""

    server: str
    webroot: str

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.domain = run.site.domain
        self.names = run.site.names

    @property
    def path(self) -> str:
        """Where the certificate lies with its chain."""
        return chain(self.domain)

    def certificate_wanted(self) -> State:
        """Its names, who gave it, and that it has not run out."""
        return {"names": ", ".join(sorted(self.names)), "authority": self.server, "valid": True}

    def certificate_actual(self) -> State:
        """The same of what is on the disk; no certificate is a state without any key."""
        if not os.path.exists(self.path):
            return {}
        noted = renewal_config.value(renewal_config.read(self.domain), "server")
        return dict(read(self.run, self.path), authority=noted)

    def is_obtained(self) -> bool:
        """Tell whether the certificate is there already, so that nobody has to be asked."""
        return self.certificate_actual() == self.certificate_wanted()


def chain(domain: str) -> str:
    """Give the path of a certificate with its chain."""
    return os.path.join(HOME, "live", domain, "fullchain.pem")


def read(run: Run, path: str) -> State:
    """Give names and validity of the first certificate in a file; one that is known is not read."""
    status = os.stat(path)
    key = (path, status.st_ino, status.st_mtime_ns)
    if key not in _known:
        _known[key] = _read(run, path)
    return dict(_known[key])


def _read(run: Run, path: str) -> State:
    argv = ["openssl", "x509", "-in", path, "-noout", "-ext", "subjectAltName", "-checkend", "0"]
    output = run.command(argv, check=False, timeout=30)
    return {"names": names_in(output.out), "valid": output.status == 0}


def names_in(text: str) -> str:
    """Give the names that openssl prints for a certificate, sorted, with commas."""
    return ", ".join(sorted(re.findall(r"DNS:([^,\s]+)", text)))
