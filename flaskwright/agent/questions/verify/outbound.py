"""Whether an app that may not reach other machines really cannot."""

from __future__ import annotations

from ...processes.slots import Service
from .findings import OK, wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .findings import Finding
    from .site import SiteLook


FILTER = ("IPAddressDeny=any", "IPAddressAllow=localhost")  # as in the slot's unit
FILTERED, PASSED = 10, 11
# A datagram to the host's own address stays on the host, and is none of localhost's.
_TRY = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
try:
    socket.socket(family, socket.SOCK_DGRAM).sendto(b"", (sys.argv[1], 9))
except PermissionError:
    sys.exit(%d)
sys.exit(%d)
""" % (FILTERED, PASSED)


def isolation(site: SiteLook) -> Iterator[Finding]:
    """Where the app may not reach out: look at its units, and try their filter."""
    if site.outbound:
        return
    service = Service(site.run)
    for slot in service.look().serving:
        argv = ["systemctl", "show", "-p", "IPAddressDeny", "--", slot]
        denied = site.run.command(argv, timeout=30).out.partition("=")[2].strip()
        yield "%s: IPAddressDeny" % slot, wrong("" if denied else "it has no filter; deploy again")
    for address in site.addresses:
        yield "a datagram to %s" % address, _tried(site, address)


def _tried(site: SiteLook, address: str) -> str:
    """Send a datagram from a unit with that filter: systemd says nothing where it cannot filter."""
    properties = [word for setting in FILTER for word in ("-p", setting)]
    argv = ["systemd-run", "--quiet", "--wait", "--collect", *properties, "--"]
    argv += ["/usr/bin/python3", "-I", "-c", _TRY, address]
    status = site.run.command(argv, check=False, timeout=60).status
    if status == FILTERED:
        return OK
    if status == PASSED:
        return wrong("it is sent: this systemd cannot filter (no BPF for control groups)")
    return wrong("it could not be tried (exit status %d)" % status)
