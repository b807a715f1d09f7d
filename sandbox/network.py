"""A bridge of our own, translated to the operator's network, with a resolver on it.

Bridge fwN has 198.18.N.0/24, set aside for tests (RFC 2544), and fd46:6c61:736b:N::/64.
"""

import ipaddress
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flaskwright.errors import Unreachable, UsageError
from sandbox import resolver
from sandbox.commands import (
    ENVIRONMENT,
    Process,
    last_lines,
    run,
    spawn,
    succeeds,
    wait_until,
)
from sandbox.state import Lab, Record, records, remove, write

FORWARD = Path("/proc/sys/net/ipv4/ip_forward")
SWITCHED_ON = Path("/run/flaskwright-sandbox.ip_forward")  # by us: the last one switches it off
BRIDGES = Path("/sys/class/net")


@dataclass(frozen=True)
class Network:
    """A bridge by its number."""

    number: int

    @property
    def bridge(self) -> str:
        """Name of its interface."""
        return f"fw{self.number}"

    @property
    def subnet(self) -> str:
        """Its IPv4 network."""
        return f"198.18.{self.number}.0/24"

    def address(self, host: int) -> str:
        """IPv4 address of a host on it; the bridge itself is 1."""
        return f"198.18.{self.number}.{host}"

    def address6(self, host: int) -> str:
        """Unique local IPv6 address of a host on it."""
        return str(ipaddress.IPv6Address(f"fd46:6c61:736b:{self.number:x}::{host:x}"))

    def machine(self, host: int) -> str:
        """Name of a host to systemd-nspawn; its end of the cable is vb-MACHINE."""
        return f"{self.bridge}-{host}"

    def cable(self, host: int) -> Path:
        """The interface of a host on this side; there as long as its network is."""
        return BRIDGES / f"vb-{self.machine(host)}"


def ensure(lab: Lab) -> Network:
    """The bridge of this state directory, up, translated, with its resolver."""
    network = recorded(lab)
    if network is None or not owned(lab, network):
        network = create(lab, network)
    configure(network)
    ensure_resolver(lab, network)
    return network


def recorded(lab: Lab) -> Network | None:
    """The bridge that this state directory last used, unless another one has its number now."""
    if not lab.network.exists():
        return None
    network = Network(json.loads(lab.network.read_text())["number"])
    return network if owner(network) in (None, str(lab.root)) else None


def owned(lab: Lab, network: Network) -> bool:
    """Whether the bridge is there and is this state directory's."""
    return owner(network) == str(lab.root)


def owner(network: Network) -> str | None:
    """The state directory that a bridge belongs to, which its alias names; None for no bridge."""
    with suppress(FileNotFoundError):
        return (BRIDGES / network.bridge / "ifalias").read_text().strip()
    return None


def create(lab: Lab, before: Network | None) -> Network:
    """A bridge with a free number, the former one if it can be."""
    network = next(bridges(before), None)
    if network is None:
        raise Unreachable("sandbox: no free network", why="All of 198.18.0.0/16 is in use.")
    run(["ip", "link", "set", network.bridge, "alias", str(lab.root)])
    write(lab.network, json.dumps(asdict(network)))
    return network


def configure(network: Network) -> None:
    """Addresses and translation, also where somebody has flushed them meanwhile."""
    bridge = network.bridge
    run(["ip", "address", "replace", f"{network.address(1)}/24", "dev", bridge])
    if Path("/proc/sys/net/ipv6").exists():  # it may still be switched off, and is not needed
        succeeds(["ip", "address", "replace", f"{network.address6(1)}/64", "dev", bridge, "nodad"])
    run(["ip", "link", "set", bridge, "up"])
    translate(network)


def bridges(before: Network | None) -> Iterator[Network]:
    """New bridges, each made when it is asked for, on networks that nobody here has."""
    taken = [ipaddress.ip_network(text, strict=False) for text in local_networks()]
    numbers = [before.number] if before else []
    for number in [*numbers, *range(256)]:
        network = Network(number)
        free = not any(ipaddress.ip_network(network.subnet).overlaps(other) for other in taken)
        mac = f"02:46:6c:61:73:{number:02x}"  # given, or it would change with each cable
        if free and succeeds(
            ["ip", "link", "add", network.bridge, "address", mac, "type", "bridge"]
        ):
            yield network


def local_networks() -> list[str]:
    """IPv4 networks that this machine is part of, or has a route to."""
    addresses: list[dict[str, Any]] = json.loads(run(["ip", "-4", "-json", "address"]))
    routes: list[dict[str, Any]] = json.loads(run(["ip", "-4", "-json", "route"]))
    own = [f"{a['local']}/{a['prefixlen']}" for each in addresses for a in each["addr_info"]]
    return own + [route["dst"] for route in routes if route["dst"] != "default"]


def translate(network: Network) -> None:
    """Let the hosts reach what this machine reaches, under its address."""
    run(
        ["nft", "-f", "-"],
        input=f"""
table ip flaskwright-{network.bridge} {{}}
delete table ip flaskwright-{network.bridge}
table ip flaskwright-{network.bridge} {{
  chain out {{
    type nat hook postrouting priority 100;
    ip saddr {network.subnet} oifname != "{network.bridge}" masquerade
  }}
  chain fit {{
    type filter hook forward priority -150;
    oifname "{network.bridge}" tcp flags syn tcp option maxseg size set rt mtu
    iifname "{network.bridge}" tcp flags syn tcp option maxseg size set rt mtu
  }}
}}
""",
    )
    for rule in passes(network):
        if not succeeds(["iptables", "-C", *rule]):
            run(["iptables", "-I", *rule])
    if FORWARD.read_text().strip() == "0":
        SWITCHED_ON.touch()
        FORWARD.write_text("1")


def passes(network: Network) -> list[list[str]]:
    """iptables rules for a machine that forwards nothing by itself, as one with Docker."""
    if not shutil.which("iptables", path=ENVIRONMENT["PATH"]):
        return []
    if "-P FORWARD DROP" not in run(["iptables", "-S", "FORWARD"], check=False):
        return []
    return [["FORWARD", side, network.bridge, "-j", "ACCEPT"] for side in ("-i", "-o")]


def remove_all(lab: Lab) -> None:
    """Take down what ensure and its parts made; what is gone already is as good."""
    stop_resolver(lab)
    network = recorded(lab)
    if network is None or not owned(lab, network):
        return
    for rule in passes(network):
        succeeds(["iptables", "-D", *rule])
    succeeds(["nft", "delete", "table", "ip", f"flaskwright-{network.bridge}"])
    succeeds(["ip", "link", "delete", network.bridge])
    if SWITCHED_ON.exists() and not any(BRIDGES.glob("fw[0-9]*")):
        FORWARD.write_text("0")
        SWITCHED_ON.unlink()


def ensure_resolver(lab: Lab, network: Network) -> None:
    """The resolver at the bridge's address, knowing the names of the hosts."""
    write_names(lab)
    if running_resolver(lab):
        return
    log = lab.root / "resolver.log"
    argv = [sys.executable, "-I", "-B", resolver.__file__, network.address(1), str(lab.names)]
    process = spawn(argv, pidfile=lab.root / "resolver.pid", log=log)
    write(lab.root / "resolver.json", json.dumps(asdict(process)))
    wait_until(
        lambda: not process.alive or resolver.answers(network.address(1)),
        seconds=10,
        what="the resolver does not answer",
        log=lambda: last_lines(log),
    )
    if not process.alive:
        raise Unreachable("sandbox: the resolver did not start", log=last_lines(log))


def running_resolver(lab: Lab) -> Process | None:
    """The resolver's process, if it lives."""
    path = lab.root / "resolver.json"
    process = Process(**json.loads(path.read_text())) if path.exists() else None
    return process if process and process.alive else None


def stop_resolver(lab: Lab) -> None:
    """End the resolver and wait for it."""
    process = running_resolver(lab)
    if process:
        run(["kill", str(process.pid)])
        wait_until(lambda: not process.alive, seconds=5, what="the resolver does not end")
    for name in ("resolver.json", "resolver.pid", "resolver.log"):
        remove(lab.root / name)


def write_names(lab: Lab) -> None:
    """What the resolver answers: NAME.test and the published names of every host."""
    names = {name: host.address for host in records(lab) for name in names_of(host)}
    write(lab.names, json.dumps(names, indent=1))


def names_of(host: Record) -> tuple[str, ...]:
    """All names of a host."""
    return (f"{host.name}.test", *host.names)


def check_names(lab: Lab, host: str, names: tuple[str, ...]) -> None:
    """UsageError when one of the names is another host's."""
    for other in records(lab):
        taken = sorted(set(names) & set(names_of(other)))
        if other.name != host and taken:
            raise UsageError(f"sandbox {host}: {taken[0]} is a name of {other.name}")
