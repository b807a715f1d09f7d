"""Throw-away Debian hosts on this machine: systemd-nspawn over overlayfs, reached by ssh.

Each has systemd as PID 1, sshd, and an ordinary user `pi` with sudo and a key made for it.
They are no wall: root in one of them is root.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flaskwright.errors import UsageError
from sandbox import authority, layers, network, requirements, state
from sandbox.authority import Authority
from sandbox.commands import Progress, quiet
from sandbox.machine import ready
from sandbox.network import names_of
from sandbox.privileged import perform

__all__ = [
    "Authority",
    "SandboxHost",
    "acme",
    "boot",
    "certify",
    "down",
    "down_all",
    "forget",
    "freeze",
    "has_layer",
    "host",
    "narrow",
    "power_cut",
    "poweroff",
    "publish",
    "purge",
    "require",
    "reset",
    "status",
    "up",
]


@dataclass(frozen=True)
class SandboxHost:
    """A throw-away host, and all that ssh needs to reach it."""

    name: str
    suite: str
    address: str
    address6: str
    identity: Path
    known_hosts: Path
    running: bool
    ready: bool  # its ssh server listens
    names: tuple[str, ...] = ()  # what the resolver on the bridge calls it
    layers: tuple[str, ...] = ()  # frozen layers below its own, topmost first
    user: str = "pi"
    port: int = 22

    @property
    def ssh(self) -> tuple[str, ...]:
        """The command line of plain ssh to it, without the remote command."""
        options = {
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": self.known_hosts,
            "StrictHostKeyChecking": "yes",
            "BatchMode": "yes",
            "ConnectTimeout": 10,
        }
        return (
            *("ssh", "-F", "none", "-i", str(self.identity), "-p", str(self.port)),
            *(f"-o{name}={value}" for name, value in options.items()),
            f"{self.user}@{self.address}",
        )


def require() -> None:
    """Return when this machine can run throw-away hosts, else Unreachable says what is missing."""
    requirements.require(state.lab())


def status() -> list[SandboxHost]:
    """Every host, by name."""
    return [seen(record) for record in state.records(state.lab())]


def host(name: str) -> SandboxHost:
    """One host; UsageError when there is none of that name."""
    return seen(state.record(state.lab(), name))


def seen(record: state.Record) -> SandboxHost:
    """A host as it is now."""
    lab = state.lab()
    return SandboxHost(
        name=record.name,
        suite=record.suite,
        address=record.address,
        address6=record.address6,
        identity=lab.identity,
        known_hosts=lab.known_hosts,
        running=record.running,
        ready=record.running and ready(record),
        names=names_of(record),
        layers=record.layers,
    )


def up(
    name: str = "sandbox",
    suite: str = "bookworm",
    *,
    layer: str = "",
    names: Iterable[str] = (),
    progress: Progress = quiet,
) -> SandboxHost:
    """A host that can be logged in to: made, or booted, or found; upon a frozen layer if given.

    names: what the resolver on the bridge calls it beside NAME.test.
    """
    lab = state.lab()
    base, wanted = layer or suite, tuple(names)
    for each in status():
        fits = base in (each.suite, *each.layers) and set(wanted) <= set(each.names)
        if each.name == name and fits and each.ready:
            return each
    requirements.require(lab)
    perform(lab, "up", progress, name=name, base=base, names=wanted)
    return host(name)


def acme() -> Authority:
    """The certificate authority beside the hosts; UsageError when there is no network yet."""
    lab = state.lab()
    bridge = network.recorded(lab)
    if bridge is None:
        raise UsageError("sandbox: there is no network yet", next="./fab sandbox.up")
    return authority.of(lab, bridge)


def certify(name: str, *, progress: Progress = quiet) -> Authority:
    """The certificate authority beside the hosts, at work as long as that host is there."""
    lab = state.lab()
    if not (authority.is_wanted_by(lab, name) and acme().process):
        perform(lab, "certify", progress, name=name)
    return acme()


def down(name: str = "sandbox", *, progress: Progress = quiet) -> None:
    """Remove a host; with the last, the network. The image stays."""
    perform(state.lab(), "down", progress, name=name)


def down_all(*, progress: Progress = quiet) -> None:
    """Remove every host and the network; images and layers stay."""
    perform(state.lab(), "down_all", progress)


def purge(*, progress: Progress = quiet) -> None:
    """Remove every host, the network, layers, images and keys."""
    perform(state.lab(), "purge", progress)


def reset(name: str = "sandbox", *, progress: Progress = quiet) -> SandboxHost:
    """The host as it was when it was made (or frozen), in a second or two."""
    perform(state.lab(), "reset", progress, name=name)
    return host(name)


def freeze(name: str, layer: str, *, progress: Progress = quiet) -> SandboxHost:
    """Keep what the host has changed as a layer for `up`; the host is rebooted upon it."""
    perform(state.lab(), "freeze", progress, name=name, layer=layer)
    return host(name)


def has_layer(layer: str) -> bool:
    """Whether there is such a layer, of an image that is still the current one."""
    return layers.is_current(state.lab(), layer)


def forget(layer: str, *, progress: Progress = quiet) -> None:
    """Remove a layer that no host stands on."""
    perform(state.lab(), "forget", progress, layer=layer)


def power_cut(name: str = "sandbox", *, progress: Progress = quiet) -> None:
    """End every process of the host at once; `boot` finds the disk as it was at that moment."""
    perform(state.lab(), "power_cut", progress, name=name)


def poweroff(name: str = "sandbox", *, progress: Progress = quiet) -> None:
    """Shut the host down in order."""
    perform(state.lab(), "poweroff", progress, name=name)


def boot(name: str = "sandbox", *, progress: Progress = quiet) -> SandboxHost:
    """Boot a host that is off."""
    perform(state.lab(), "boot", progress, name=name)
    return host(name)


def publish(name: str, *names: str, progress: Progress = quiet) -> SandboxHost:
    """Give a host further names on the bridge."""
    perform(state.lab(), "publish", progress, name=name, names=names)
    return host(name)


def narrow(name: str, mtu: int, *, progress: Progress = quiet) -> None:
    """Have the way to and from a host drop larger packets without a word, until it boots again.

    mtu: of the path, in bytes; 0 makes it as wide as it was.
    """
    perform(state.lab(), "narrow", progress, name=name, mtu=mtu)
