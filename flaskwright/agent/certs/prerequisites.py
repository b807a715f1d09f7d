"""What has to be so before a certificate is asked for: the clock, and names that lead here.

An authority counts failed attempts and soon refuses more (at Let's Encrypt five in an hour).
"""

from __future__ import annotations

import socket
import time

from ..common.text import spoken
from ..engine.errors import Failed, NotYet
from ..engine.handler import handles
from .challenge import answered, complaint, nonce
from .dns_record import wanted
from .lineage import OfCertificate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..engine.handler import State


MOST = 300.0  # seconds that the two may differ

PATIENCE = 10.0  # seconds for an answer


def must_be_right(server: str) -> None:
    """Raise Failed where the host's clock and the authority's differ; silence says nothing."""
    told = _told_by(server)
    ahead = time.time() - told if told else 0.0
    if abs(ahead) <= MOST:
        return
    side = "ahead" if ahead > 0 else "behind"
    raise Failed(
        "this host's clock is %s %s" % (spoken(abs(ahead)), side),
        "it says %s, the authority's %s: certificates would seem to be not yet, or no longer, good"
        % (_stamp(time.time()), _stamp(told)),
        next="on the host: sudo timedatectl set-ntp true; a Raspberry Pi without a network has no "
        "clock, so look whether it reaches a time server (timedatectl timesync-status)",
    )


def _told_by(server: str) -> float:
    """Give the authority's time in seconds since the epoch, 0 where it does not tell.

    Its certificate is not looked at: with a wrong clock none would seem good, and nothing is told
    to it or believed but the hour.
    """
    import email.utils
    import ssl
    import urllib.request

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        # hosts.toml takes no other scheme than https
        with urllib.request.urlopen(server, timeout=PATIENCE, context=context) as answer:  # noqa: S310
            date = answer.headers.get("Date", "")
        return email.utils.parsedate_to_datetime(date).timestamp()
    except (OSError, TypeError, ValueError):
        return 0.0


def _stamp(moment: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(moment))


@handles("leads-here")
class LeadsHere(OfCertificate):
    """Every address of every name leads to this host's nginx; only a person can make it so."""

    keys = ("leads",)
    seen: tuple[str, ...] = ()

    def wanted(self) -> State:
        """Give {"leads": True}: each address of each name leads to this host."""
        return {"leads": True}

    def actual(self) -> State:
        """Ask the DNS, then each address; raises Failed, in a dry run as far as it can know."""
        if self.is_obtained():
            return self.wanted()
        if self.run.checking:
            for name in self.names:
                _addresses(name, self.seen)
            raise NotYet("nginx answers for %s" % self.domain)
        self.look()
        return self.wanted()

    def look(self) -> State:
        """Ask in any case; gives the addresses of each name."""
        with self.run.waits("waits for the DNS"):
            found = {name: _addresses(name, self.seen) for name in self.names}
        with answered(self.run, self.names, self.webroot), nonce(self.webroot) as laid:
            for name, addresses in found.items():
                for address in addresses:
                    self._look(name, address, laid)
        told = {name: "leads here: %s" % ", ".join(found[name]) for name in found}
        return dict(told, **{"port 80": "answers the authority"})

    def fix(self, differing: list[str]) -> None:
        """Do nothing: `actual` has raised Failed for a name that leads elsewhere."""

    def _look(self, name: str, address: str, laid: str) -> None:
        said = complaint(address, name, laid)
        if not said:
            return
        if said.startswith("no answer") and _may_be_the_router(address):
            self.run.progress("%s says nothing to its own network" % address, always=True)
            return
        what = "%s leads to %s, which is not this host" % (name, address)
        if is_own(address):
            what = "%s leads here, but port 80 of %s does not answer for it" % (name, address)
        raise Failed(
            what,
            "%s; an authority that asks there would refuse" % said,
            next=_port_80() if is_own(address) else wanted(name, self.seen, says=address),
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


def _addresses(name: str, seen: Sequence[str] = ()) -> list[str]:
    """Give all addresses of a name; loopback is what /etc/hosts says, and says nothing here.

    Raises Failed with the record that the name wants, where it has none.
    """
    for attempt in range(3):
        try:
            found = socket.getaddrinfo(name, 80, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            if error.errno != socket.EAI_AGAIN:
                advice = "%s; a new record is seen some minutes later: deploy again then"
                raise Failed(
                    "%s does not exist: the DNS has no address for it" % name,
                    next=advice % wanted(name, seen),
                ) from None
            time.sleep(attempt)
            continue
        addresses = sorted({str(entry[4][0]) for entry in found})
        return [one for one in addresses if one != "::1" and not one.startswith("127.")]
    raise Failed("the DNS gives no answer about %s" % name, "this host's nameserver is silent")


def _port_80() -> str:
    look = "sudo ss -ltnp 'sport = :80' shows who listens, sudo nft list ruleset the firewall"
    return "on the host: " + look


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
