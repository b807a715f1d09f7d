"""A path that is narrower than its ends, and says nothing of it: large packets are dropped.

As behind a tunnel whose router lets no ICMP through. Each side is cut where the other one's packets
come in, one by one: what the kernel would send as one large piece is cut up first.
"""

from pathlib import Path

from flaskwright.errors import UsageError
from sandbox.commands import run, succeeds
from sandbox.machine import first_process
from sandbox.network import Network
from sandbox.state import Record

INSIDE = "host0"  # the cable as the host sees it
WHOLE = 65535  # segments that an interface hands on at a time as a rule


def narrow(host: Record, network: Network, mtu: int) -> None:
    """Drop what is larger than `mtu` bytes on the host's cable, both ways; 0: drop nothing.

    A host that is booted again has a new cable. Raises UsageError for one that does not run.
    """
    pid = first_process(host.leader.pid) if host.leader and host.running else None
    if pid is None:
        raise UsageError(f"sandbox {host.name}: it is not running")
    cable = network.cable(host.number).name
    inside = ["nsenter", f"--net=/proc/{pid}/ns/net", "--"]
    for lead, device in (([], cable), (inside, INSIDE)):
        run([*lead, "ip", "link", "set", "dev", device, "gso_max_segs", str(1 if mtu else WHOLE)])
        run([*lead, "nft", "-f", "-"], input=_table(cable, device, mtu))


def forget(cable: Path) -> None:
    """Remove what is left of the one on a cable that is gone."""
    succeeds(["nft", "delete", "table", "netdev", _name(cable.name)])


def _table(cable: str, device: str, mtu: int) -> str:
    name = _name(cable)
    made = f"""
table netdev {name} {{
  chain drops {{
    type filter hook ingress device "{device}" priority 0;
    meta length > {mtu} drop
  }}
}}
"""
    return f"table netdev {name} {{}}\ndelete table netdev {name}\n{made if mtu else ''}"


def _name(cable: str) -> str:
    return f"flaskwright-{cable}"
