"""Where visitors find a host's site: its names, its URL, and how to look at it from here."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from .agent.common.site import Site
from .config.keys import HostTable

ANY_IPV4 = r"~^\d+\.\d+\.\d+\.\d+$"
ANY_IPV6 = r"~^\[[0-9a-f:.]+\]$"
# RFC 6762: avahi may call a machine NAME-2.local tomorrow. nginx tries the second form last.
ANY_MDNS, ONE_MDNS = "*.local", r"~^[a-z0-9-]+\.local$"


@dataclass(frozen=True)
class VisitedHost(HostTable):
    """A host as its visitors see it.

    found: where ssh finds it, when `address` is a name of ssh_config, which nobody else knows.
    roots: what a visitor has to trust beside the usual certificate authorities.
    """

    found: str = field(default="", kw_only=True)
    roots: Path | None = field(default=None, kw_only=True)

    @property
    def place(self) -> str:
        """The address as a visitor types it, in a URL."""
        return _in_url(self.found or self.address)

    @property
    def site(self) -> Site:
        """The site, as the plan and the release have it.

        It does not depend on whose ssh_config leads to the host: its name is the domain, or the
        address of hosts.toml.
        """
        scheme = "http" if self.domain is None or (self.tls and self.tls.off) else "https"
        host = self.domain or _in_url(self.address) or self.place
        return Site(host, scheme, self.domain or "", self._names())

    @property
    def typed_host(self) -> str:
        """The site's name as a visitor here types it: domain, or what ssh_config makes of it."""
        return self.domain or self.place

    def _names(self) -> tuple[str, ...]:
        """Return the names that nginx answers to; without a domain any address, and the host's own.

        An address that ssh_config leads to adds none: two people who reach the host in two ways
        would change its site in turns.
        """
        if self.domain:
            return (self.domain, *self.aliases)
        return (*self._own_names(), "$hostname", ANY_MDNS, ANY_IPV4, ANY_IPV6)

    def _own_names(self) -> list[str]:
        """Patterns: `$hostname` may be the same name, and nginx warns of one that stands twice."""
        found = "" if _is_address(self.found) else self.found
        named = dict.fromkeys((self.address, found)) if self.address else ()
        return [f"~^{re.escape(_in_url(name).lower())}$" for name in named if name]

    @property
    def led_names(self) -> tuple[str, ...]:
        """The names that lead to the domain where no site without one has them."""
        return (ONE_MDNS,) if self.domain else ()

    @property
    def url(self) -> str:
        """Where a visitor finds the site: the one URL that is printed, and that `verify` opens.

        By its domain, or by the address that whoever deploys has named.
        """
        return f"{self.site.scheme}://{self.typed_host}/"

    @property
    def look(self) -> str:
        """A command that shows the site from here, whatever the domain leads to by now."""
        if self.domain is None:
            return f"curl {self.url}"
        trusted = self.roots or (self.acme.ca if self.acme else None)
        trust = f"--cacert {shlex.quote(str(trusted))} " if self.site.https and trusted else ""
        return f"curl --connect-to ::{self.place}: {trust}{self.url}"


def _in_url(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _is_address(text: str) -> bool:
    return ":" in text or re.fullmatch(r"[\d.]+", text) is not None
