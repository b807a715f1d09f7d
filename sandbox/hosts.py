"""What can be done with throw-away hosts, as root. Each function is one act under the lock."""

from contextlib import ExitStack
from dataclasses import replace

from flaskwright.errors import UsageError
from sandbox import (
    authority,
    bottleneck,
    image,
    keys,
    layers,
    machine,
    network,
    requirements,
    state,
)
from sandbox.commands import Progress
from sandbox.state import DOMAIN, Lab, Record


def up(lab: Lab, progress: Progress, name: str, base: str, names: tuple[str, ...] = ()) -> None:
    """Make the host of its base (a suite or a layer) if need be, boot it, wait until ssh works."""
    lab.host(name)
    prepare(lab, progress)
    if base in image.SUITES:
        image.ensure(lab, base, progress)
    with lab.locked():
        sweep(lab)
        host = with_names(lab, find_or_make(lab, name, base), names)
        host = started(lab, host, progress)
    machine.wait(lab, host)


def prepare(lab: Lab, progress: Progress) -> None:
    """Install the programs, and make the state directory and its SSH key."""
    requirements.require(lab)
    requirements.install(progress)
    with lab.locked():
        keys.ensure_identity(lab)


def find_or_make(lab: Lab, name: str, base: str) -> Record:
    """The record of that host; UsageError when it is there and made of something else."""
    if (lab.host(name) / "host.json").exists():
        return same(state.record(lab, name), base)
    suite, image_name, below = stack(lab, base)
    taken = {host.number for host in state.records(lab)}
    number = next(number for number in range(2, 255) if number not in taken)
    lab.host(name).mkdir()
    return state.save(lab, Record(name, suite, image_name, number, layers=below))


def stack(lab: Lab, base: str) -> tuple[str, str, tuple[str, ...]]:
    """Suite, image and layers of a new host of that base."""
    if base in image.SUITES:
        return base, image.current(base), ()
    return layers.stack(lab, base)


def same(host: Record, base: str) -> Record:
    """The host, when it stands on what was asked for."""
    if base in (host.suite, *host.layers):
        return host
    stands = " on ".join((*host.layers, host.suite))
    raise UsageError(
        f"sandbox {host.name}: it is there already, made of {stands}",
        next=f"./fab sandbox.down --name {host.name}",
    )


def with_names(lab: Lab, host: Record, names: tuple[str, ...]) -> Record:
    """The host with further names for the resolver."""
    for name in names:
        if not DOMAIN.fullmatch(name):
            raise UsageError(f"sandbox {host.name}: {name!r} is not a domain name")
    network.check_names(lab, host.name, names)
    return state.save(lab, replace(host, names=tuple(dict.fromkeys((*host.names, *names)))))


def started(lab: Lab, host: Record, progress: Progress) -> Record:
    """The host, booting or booted."""
    bridge = network.ensure(lab)
    if authority.is_wanted(lab):
        authority.of(lab, bridge).ensure(progress)
    if host.running:
        return host
    progress(f"booting {host.name} ({host.suite})")
    host = machine.start(lab, host, bridge)
    keys.write_known_hosts(lab)
    network.write_names(lab)
    return host


def sweep(lab: Lab) -> None:
    """Clear what hosts left behind that ended by themselves, or with this machine."""
    bridge = network.recorded(lab)
    for path in lab.hosts.iterdir():
        if not (path / "host.json").exists():
            state.remove(path)
    for host in state.records(lab):
        if bridge and host.leader and not host.running:
            machine.cut(lab, host, bridge)


def off(lab: Lab, name: str, in_order: bool = False) -> Record:
    """End a host, in order or as by a power cut; its files stay. Returns its record."""
    host = state.record(lab, name)
    bridge = network.recorded(lab)
    if bridge is None:  # with its number, what runs under its names is another's too
        layers.unmount(lab, host)
        return state.save(lab, replace(host, leader=None))
    bottleneck.forget(bridge.cable(host.number))
    return (machine.poweroff if in_order else machine.cut)(lab, host, bridge)


def power_cut(lab: Lab, progress: Progress, name: str) -> None:
    """End every process of the host at once."""
    with lab.locked():
        off(lab, name)


def poweroff(lab: Lab, progress: Progress, name: str) -> None:
    """Shut the host down in order."""
    with lab.locked():
        off(lab, name, in_order=True)


def boot(lab: Lab, progress: Progress, name: str) -> None:
    """Boot a host that is off, with the disk it has."""
    with lab.locked():
        sweep(lab)
        host = started(lab, state.record(lab, name), progress)
    machine.wait(lab, host)


def reset(lab: Lab, progress: Progress, name: str) -> None:
    """Make the host what it was made of, with the same address and key."""
    with lab.locked():
        host = off(lab, name)
        trash = layers.discard(lab, host)
        host = started(lab, replace(host, address=""), progress)
    state.remove(trash)
    machine.wait(lab, host)


def freeze(lab: Lab, progress: Progress, name: str, layer: str) -> None:
    """Keep what the host has changed as a layer; the host goes on upon it."""
    with lab.locked():
        host = off(lab, name, in_order=True)
        layers.freeze(lab, host, layer)
        host = replace(host, layers=(layer, *host.layers), address="")
        host = started(lab, host, progress)
    machine.wait(lab, host)


def forget(lab: Lab, progress: Progress, layer: str) -> None:
    """Remove a layer that nothing stands on."""
    with lab.locked():
        layers.forget(lab, layer)


def publish(lab: Lab, progress: Progress, name: str, names: tuple[str, ...]) -> None:
    """Give a host further names."""
    with lab.locked():
        with_names(lab, state.record(lab, name), tuple(names))
        network.write_names(lab)


def narrow(lab: Lab, progress: Progress, name: str, mtu: int) -> None:
    """Have the host's network drop packets above a size, without a word."""
    with lab.locked():
        bottleneck.narrow(state.record(lab, name), network.ensure(lab), mtu)


def certify(lab: Lab, progress: Progress, name: str) -> None:
    """Have the certificate authority at work, as long as that host is there."""
    with lab.locked():
        authority.want(lab, state.record(lab, name).name)
        authority.of(lab, network.ensure(lab)).ensure(progress)


def down(lab: Lab, progress: Progress, name: str) -> None:
    """Remove a host; with the last that runs, the network goes too. None there is as good."""
    with lab.locked():
        if (lab.host(name) / "host.json").exists():
            off(lab, name)
            state.remove(lab.host(name))
        sweep(lab)
        tidy(lab)


def down_all(lab: Lab, progress: Progress) -> None:
    """Remove every host and the network; images, layers and key stay."""
    with lab.locked():
        for host in state.records(lab):
            off(lab, host.name)
            state.remove(lab.host(host.name))
        sweep(lab)
        tidy(lab)


def tidy(lab: Lab) -> None:
    """The network goes when no host runs; the files about hosts follow those that are left."""
    bridge, idle = network.recorded(lab), not any(host.running for host in state.records(lab))
    if bridge and (idle or not authority.is_wanted(lab)):
        authority.of(lab, bridge).stop()
    if idle:
        network.remove_all(lab)
    keys.write_known_hosts(lab)
    network.write_names(lab)


def purge(lab: Lab, progress: Progress) -> None:
    """Remove every host, the network, layers, images and keys: the whole state directory.

    UsageError while hosts of another state directory stand on the images; then all of it stays.
    """
    with lab.alone_with_images(), ExitStack() as stack:
        down_all(lab, progress)
        for name in (*image.SUITES, "lock"):
            stack.enter_context(lab.locked(name))
        state.remove(lab.root)
