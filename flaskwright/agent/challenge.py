"""Whether an authority that asks for a name will get this host's answer, before it is asked.

An authority counts failed attempts and soon refuses more (at Let's Encrypt five in an hour).
"""

from __future__ import annotations

import contextlib
import os
import socket
import time

from . import disk, nginx
from .asking import ask, loopback
from .handler import Failed, NotYet, handles
from .lineage import OfCertificate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .handler import State

PLACE = "/.well-known/acme-challenge/"
PATIENCE = 5.0  # seconds for an answer


class _Probing(OfCertificate):
    """Asks for a file that only this host can have."""

    @contextlib.contextmanager
    def nonce(self) -> Iterator[str]:
        """Lay the file where certbot lays its own; gives its name."""
        name = "flaskwright-%s" % os.urandom(16).hex()
        path = self.webroot + PLACE + name
        disk.write(path, name.encode("ascii"))
        try:
            yield name
        finally:
            disk.remove(path)

    def complaint(self, address: str, name: str, nonce: str) -> str:
        """Ask an address for the file; gives what is wrong with the answer, empty for nothing."""
        try:
            reply = ask(address, PLACE + nonce, name, PATIENCE)
        except OSError as error:
            return "no answer: %s" % (error.strerror or error)
        if reply.body.decode("latin-1").strip() == nonce:
            return ""
        return "%s answers %d" % (reply.headers.get("Server", "a server"), reply.status)


@handles("challenge")
class Challenge(_Probing):
    """nginx answers the authority's questions from the webroot, for every name."""

    keys = ("answers",)

    def wanted(self) -> State:
        """It does."""
        return {"answers": True}

    def actual(self) -> State:
        """Ask nginx; a certificate that is there already needs no answer."""
        if self.is_obtained():
            return self.wanted()
        if self.run.checking:
            raise NotYet("nginx answers for %s" % self.domain)
        return {"answers": not self._complaints()}

    def fix(self, differing: list[str]) -> None:
        """Put the configuration in force that this plan has written; nothing else can help."""
        nginx.reload(self.run)
        complaints = self._complaints()
        if complaints:
            raise Failed(
                "nginx does not answer the authority for %s" % self.domain,
                "another server block takes its name, and has no %s" % PLACE,
                complaints,
                "on the host: sudo nginx -T shows every site",
            )

    def _complaints(self) -> list[str]:
        with self.nonce() as nonce:
            asked = [(name, address) for name in self.names for address in loopback()]
            found = [(where, self.complaint(where[1], where[0], nonce)) for where in asked]
        return ["%s on %s: %s" % (*where, complaint) for where, complaint in found if complaint]


@handles("leads-here")
class LeadsHere(_Probing):
    """Every address of every name leads to this host's nginx; only a person can make it so."""

    keys = ("leads",)

    def wanted(self) -> State:
        """They do."""
        return {"leads": True}

    def actual(self) -> State:
        """Ask the DNS, then each address; raises Failed, in a dry run as far as it can know."""
        if self.is_obtained():
            return self.wanted()
        found = {name: _addresses(name) for name in self.names}
        if self.run.checking:
            raise NotYet("nginx answers for %s" % self.domain)
        with self.nonce() as nonce:
            for name, addresses in found.items():
                for address in addresses:
                    self._look(name, address, nonce)
        return self.wanted()

    def fix(self, differing: list[str]) -> None:
        """Nothing differs that could be fixed."""

    def _look(self, name: str, address: str, nonce: str) -> None:
        complaint = self.complaint(address, name, nonce)
        if not complaint:
            return
        if complaint.startswith("no answer") and _may_be_the_router(address):
            self.run.progress("%s says nothing to its own network" % address, always=True)
            return
        record = "AAAA" if ":" in address else "A"
        what = "%s leads to %s, which is not this host" % (name, address)
        if is_own(address):
            what = "%s leads here, but port 80 of %s does not answer for it" % (name, address)
        raise Failed(
            what,
            "%s; an authority that asks there would refuse" % complaint,
            next="correct its %s record, or remove it; this host is %s" % (record, _own(address)),
        )


def is_own(address: str) -> bool:
    """Tell whether an address is this host's: only those can be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _addresses(name: str) -> list[str]:
    """Give all addresses of a name; loopback is what /etc/hosts says, and says nothing here."""
    for attempt in range(3):
        try:
            found = socket.getaddrinfo(name, 80, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            if error.errno != socket.EAI_AGAIN:
                raise Failed(
                    "%s does not exist" % name,
                    "the DNS has no address for it",
                    next="make an A record that leads to this host, or correct hosts.toml",
                ) from None
            time.sleep(attempt)
            continue
        addresses = sorted({str(entry[4][0]) for entry in found})
        return [one for one in addresses if one != "::1" and not one.startswith("127.")]
    raise Failed("the DNS gives no answer about %s" % name, "this host's nameserver is silent")


def _may_be_the_router(address: str) -> bool:
    """Tell whether silence means nothing: many routers do not lead their own network back in."""
    from ipaddress import ip_address

    own = _own(address)
    return ":" not in address and ip_address(address).is_global and not ip_address(own).is_global


def _own(address: str) -> str:
    """Give the address of this host that it would talk to another one from."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 80))
        except OSError:
            return "without such an address"
        return str(probe.getsockname()[0])
