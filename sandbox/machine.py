"""A host as a process: systemd-nspawn boots its disk, with a network and control groups of its own.

Capabilities stay those that systemd-nspawn gives: no CAP_SYS_TIME, for the clock is shared.
"""

import os
import re
import signal
import uuid
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from flaskwright.errors import Unreachable
from sandbox import cgroups, keys, layers
from sandbox.commands import last_lines, run, spawn, succeeds, wait_until
from sandbox.network import Network
from sandbox.state import Lab, Record, remove, save

BOOT_SECONDS = 60
SETTLE_SECONDS = 30
POWEROFF_SECONDS = 45
# Runs systemd-nspawn in a fresh control group of the host for each boot, and again when the host
# reboots (133, as systemd-nspawn@.service has it). $0 = the host's groups; 0 = the writer itself.
LEAD = """
enter() { for group in $0; do mkdir -p "$group/$1" && echo 0 >"$group/$1/cgroup.procs"; done; }
boots=0
enter leader
while boots=$((boots + 1)); do
  (enter "boot-$boots" && exec "$@")
  [ $? -eq 133 ] || break
done
"""
# In v1 systemd-nspawn leaves what limits are set by to be read alone.
INIT = f"""
for name in {" ".join(cgroups.LIMITS)}; do
  [ ! -e "/sys/fs/cgroup/$name/tasks" ] || mount -o remount,bind,rw "/sys/fs/cgroup/$name"
done
exec /sbin/init
"""
FILES = {
    "etc/hostname": "{name}\n",
    "etc/hosts": "127.0.0.1\tlocalhost\n127.0.1.1\t{name}\n::1\tlocalhost ip6-localhost\n",
    "etc/machine-id": "{machine_id}\n",
    "etc/resolv.conf": "nameserver {gateway}\n",
    # Sorts before 80-container-host0.network of systemd, which would ask for DHCP.
    "etc/systemd/network/10-host0.network": """\
[Match]
Name=host0

[Network]
Address={address}/24
Address={address6}/64
Gateway={gateway}
IPv6AcceptRA=no
IPv6DuplicateAddressDetection=0
LLMNR=no
""",
}


def start(lab: Lab, host: Record, network: Network) -> Record:
    """Mount the host's disk and boot it; `wait` tells when it can be logged in to."""
    moved = replace(
        host,
        address=network.address(host.number),
        address6=network.address6(host.number),
    )
    layers.mount(lab, moved)
    if moved != host:
        personalise(lab, moved, network)
    machine = network.machine(host.number)
    groups = " ".join(map(str, cgroups.make(machine)))
    process = spawn(
        ["sh", "-c", LEAD, groups, *nspawn(layers.root(lab, host), machine, network.bridge)],
        pidfile=lab.host(host.name) / "leader.pid",
        log=console(lab, host.name),
    )
    return save(lab, replace(moved, leader=process))


def nspawn(root: Path, machine: str, bridge: str) -> list[str]:
    """The command line of systemd-nspawn."""
    return [
        *("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--settings=no"),
        *("--link-journal=no", "--resolv-conf=off", "--timezone=off", "--console=read-only"),
        *(f"--directory={root}", f"--machine={machine}", f"--network-bridge={bridge}"),
        *("--kill-signal=SIGRTMIN+3", "/bin/sh", "-c", INIT),  # as --boot has it
    ]


def personalise(lab: Lab, host: Record, network: Network) -> None:
    """What makes this disk this host's: name, address, keys."""
    root = layers.root(lab, host)
    values = {
        "name": host.name,
        "machine_id": uuid.uuid4().hex,
        "gateway": network.address(1),
        "address": host.address,
        "address6": host.address6,
    }
    for name, text in FILES.items():
        put(root / name, text.format(**values))
    key = keys.ensure_host_key(lab, host)
    put(root / "etc/ssh" / key.name, key.read_text(), mode=0o600)
    put(root / "etc/ssh" / f"{key.name}.pub", keys.public(key))
    home = root / "home/pi"
    owner = (home.stat().st_uid, home.stat().st_gid)
    put(home / ".ssh/authorized_keys", keys.ensure_identity(lab), mode=0o600, owner=owner)


def put(path: Path, text: str, mode: int = 0o644, owner: tuple[int, int] = (0, 0)) -> None:
    """A file in a disk that is not running; never through a link that lies in its place."""
    if not path.parent.exists():
        path.parent.mkdir(mode=0o700 if mode == 0o600 else 0o755)
        os.chown(path.parent, *owner)
    remove(path)
    path.write_text(text)
    path.chmod(mode)
    os.chown(path, *owner)


def console(lab: Lab, name: str) -> Path:
    """What the host wrote to its console, and systemd-nspawn about it."""
    return lab.host(name) / "console.log"


def wait(lab: Lab, host: Record) -> None:
    """Return when ordinary users can log in; Unreachable when the host does not boot."""
    leader, log = host.leader, console(lab, host.name)
    wait_until(
        lambda: not host.running or ready(host),
        seconds=BOOT_SECONDS,
        what=f"{host.name} does not boot",
        log=lambda: last_lines(log),
    )
    if leader is None or not leader.alive:
        raise Unreachable(f"sandbox {host.name}: it ended while booting", log=last_lines(log))
    settle(leader.pid)


def settle(leader: int) -> None:
    """Let the host finish what it starts at boot, also when some of it fails."""
    inside = ["nsenter", "--target", str(first_process(leader)), "--all", "--"]
    run(
        ["timeout", str(SETTLE_SECONDS), *inside, "systemctl", "is-system-running", "--wait"],
        check=False,
    )


def ready(host: Record) -> bool:
    """Whether a login would succeed, told without one, and the host would reach what we reach.

    A connection for nothing would stand in the host's log, and count against us (OpenSSH 9.8's
    PerSourcePenalties).
    """
    pid = first_process(host.leader.pid) if host.leader else None
    if pid is None:
        return False
    place = Path(f"/proc/{pid}")
    try:
        listeners = (place / "net/tcp").read_text()
        addresses = (place / "net/fib_trie").read_text()
        routes = (place / "net/route").read_text()
    except OSError:
        return False
    listens = re.search(r"^ *\d+: 00000000:0016 00000000:0000 0A ", listeners, re.MULTILINE)
    connected = f"- {host.address}\n" in addresses and "\nhost0\t00000000\t" in routes
    return bool(listens) and connected and not closed(place)


def closed(process: Path) -> bool:
    """Whether the host still turns ordinary users away, because it is booting (seen as root)."""
    return os.access(process / "root", os.X_OK) and (process / "root/run/nologin").exists()


def first_process(leader: int) -> int | None:
    """The host's PID 1, as it is numbered out here: the leader's child's child."""
    found = [pid for container in children(leader) for pid in children(container)]
    return found[0] if found else None


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    with suppress(OSError):
        return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def cut(lab: Lab, host: Record, network: Network) -> Record:
    """A power cut: every process at once; its own layer stays as it was at that moment."""
    cgroups.kill(network.machine(host.number))
    return cleared(lab, host, network)


def poweroff(lab: Lab, host: Record, network: Network) -> Record:
    """Shut down in order: systemd-nspawn passes the request on to PID 1."""
    leader = host.leader
    if leader and leader.alive:
        for pid in children(leader.pid):
            os.kill(pid, signal.SIGTERM)
        with suppress(Unreachable):
            wait_until(lambda: not leader.alive, seconds=POWEROFF_SECONDS, what="")
    return cut(lab, host, network)


def cleared(lab: Lab, host: Record, network: Network) -> Record:
    """Remove cable, mounts and cgroups of a host that is off; returns its record."""
    cable = network.cable(host.number)
    succeeds(["ip", "link", "delete", cable.name])  # what nobody acknowledges holds it for minutes
    wait_until(lambda: not cable.exists(), seconds=10, what=f"{cable.name} does not go away")
    layers.unmount(lab, host)
    cgroups.remove(network.machine(host.number))
    return save(lab, replace(host, leader=None))
