"""Whether a certificate authority that asks for a name would come to this host, before it is asked.

An authority counts failed attempts and soon refuses more (at Let's Encrypt five in an hour).
"""

from __future__ import annotations

import socket
import time

from .challenge import answered, complaint, nonce
from .handler import Failed, NotYet, handles
from .lineage import OfCertificate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State


@handles("leads-here")
class LeadsHere(OfCertificate):
    """Every address of every name leads to this host's nginx; only a person can make it so."""

    keys = ("leads",)

    def wanted(self) -> State:
        """They do."""
        return {"leads": True}

    def actual(self) -> State:
        """Ask the DNS, then each address; raises Failed, in a dry run as far as it can know."""
        if self.is_obtained():
            return self.wanted()
        if self.run.checking:
            for name in self.names:
                _addresses(name)
            raise NotYet("nginx answers for %s" % self.domain)
        self.look()
        return self.wanted()

    def look(self) -> State:
        """Ask in any case; gives the addresses of each name."""
        with self.run.waits("waits for the DNS"):
            found = {name: _addresses(name) for name in self.names}
        with answered(self.run, self.names, self.webroot), nonce(self.webroot) as laid:
            for name, addresses in found.items():
                for address in addresses:
                    self._look(name, address, laid)
        told = {name: "leads here: %s" % ", ".join(found[name]) for name in found}
        return dict(told, **{"port 80": "answers the authority"})

    def fix(self, differing: list[str]) -> None:
        """Nothing differs that could be fixed."""

    def _look(self, name: str, address: str, laid: str) -> None:
        said = complaint(address, name, laid)
        if not said:
            return
        if said.startswith("no answer") and _may_be_the_router(address):
            self.run.progress("%s says nothing to its own network" % address, always=True)
            return
        record = "AAAA" if ":" in address else "A"
        what = "%s leads to %s, which is not this host" % (name, address)
        if is_own(address):
            what = "%s leads here, but port 80 of %s does not answer for it" % (name, address)
        raise Failed(
            what,
            "%s; an authority that asks there would refuse" % said,
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
