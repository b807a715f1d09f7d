"""What a name's A and AAAA records should say, so that visitors come to this host."""

from __future__ import annotations

from ..web import visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


# Networks whose addresses lead nobody here from outside: RFC 1918, 6598, 3927, 4193, 4291.
INNER = (
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"),
    *("127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128"),
)
REGISTRAR = "at the registrar: "


def is_inner(address: str) -> bool:
    """Tell whether an address is one of a network behind a router."""
    from ipaddress import ip_address, ip_network  # slow to import, and seldom needed

    found = ip_address(address.partition("%")[0])
    return any(found in ip_network(one) for one in INNER)


def wanted(name: str, seen: Sequence[str], says: str = "") -> str:
    """Give what to type at the registrar for a name.

    seen: the addresses that whoever deploys reaches the host at; the host itself may have none but
    that of the network behind its router. says: the address in the record that leads elsewhere.
    """
    own = [one for one in visit.addresses() if not one.startswith("127.") and one != "::1"]
    outer = [one for one in (*own, *seen) if not is_inner(one)]
    first = {":" in one: one for one in reversed(outer)}
    if says and ":" in says and True not in first:
        line = _line(name, says)
        return REGISTRAR + "remove %s, since this host has no public IPv6 address" % line
    instead = " (it says %s now)" % says if says else ""
    lines = [_line(name, first[six]) for six in (False, True) if six in first]
    if says:
        lines = [one for one in lines if one.split()[0] == _kind(says)]
    if lines:
        return REGISTRAR + ", ".join(lines) + instead
    inner = (own or ["this host"])[0]
    return (
        "this host is %s, behind a router. At the registrar: A %s, with the router's public address"
        "%s; on the router: ports 80 and 443 forwarded to %s" % (inner, name, instead, inner)
    )


def _line(name: str, address: str) -> str:
    return "%s %s %s" % (_kind(address), name, address)


def _kind(address: str) -> str:
    return "AAAA" if ":" in address else "A"
