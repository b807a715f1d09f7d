"""The hosts themselves: which there are, and whose keys are trusted."""

import re
import sys
from collections.abc import Sequence

from invoke import Context

from flaskwright import (
    Connection,
    Unreachable,
    UsageError,
    inventory,
    local,
    question,
)
from flaskwright.report import console, hints
from flaskwright.ssh import known_hosts, unreachable
from flaskwright.ssh.known_hosts import Key

TIMES = 3  # that a person is asked
FINGERPRINT = re.compile(r"(SHA256:)?[A-Za-z0-9+/]{43}=?")
# One connection for each family tells all the keys that a server has.
FAMILIES = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)


@local(name="list")
def list_hosts(c: Context) -> None:
    """List the hosts of hosts.toml."""
    hosts = inventory.load().hosts.values()
    rows = [(h.name, h.guide, h.app.name if h.app else "", h.typed_host) for h in hosts]
    console.table([("host", "guide", "app", "site"), *rows])


@question(
    name="trust",
    help={
        "fingerprint": "Trust the key with this fingerprint, SHA256:…, and no other.",
        "yes": "Trust what the host shows, unseen.",
    },
    needs_app=False,
    parallel=False,
)
def trust_host(c: Connection, fingerprint: str = "", yes: bool = False) -> None:
    """Show a host's keys, and add them to known_hosts when they are the right ones."""
    new = _new(c, fingerprint)
    if not new:
        console.say(f"{c.known_name} is trusted already")
        return
    console.tell(f"{c.known_name} shows:")
    for key in new:
        console.tell(f"  {key}")
    chosen = new if yes else _matching(new, fingerprint or _asked(c.host.name))
    known_hosts.add(c.settings.known_hosts[0], c.known_name, chosen)
    console.say(f"{c.known_name} is trusted from now on")
    after = f"./fab -H {c.host.name} " + ("deploy" if c.host.declared else 'run "COMMAND"')
    console.tell(f"  next  {hints.as_typed(after)}")


def _new(c: Connection, fingerprint: str) -> Sequence[Key]:
    """Return the keys the host shows that are not trusted yet; raises Unreachable for bad ones.

    None, when the one with that fingerprint is.
    """
    shown = _shown(c)
    known = known_hosts.known(c.known_name, c.settings.known_hosts)
    for key in shown:
        if key in known.revoked:
            raise unreachable.revoked(c.known_name, key)
    trusted = [key for key in shown if key in known.trusted]
    if known.trusted and not trusted:
        raise unreachable.changed(c.known_name, c.host.name, shown[0], known)
    if fingerprint in [key.fingerprint for key in trusted]:
        return []
    return [key for key in shown if key not in trusted]


def offered(c: Connection) -> list[Key]:
    """Return the keys of every type that the server offers; nobody logs in."""
    keys = (c.server_key(types) for types in FAMILIES)
    return [key for key in keys if key]


def _shown(c: Connection) -> Sequence[Key]:
    keys = offered(c)
    if not keys:
        raise Unreachable(
            f"{c.known_name} shows no host key of a type known here",
            why="Its OpenSSH is too old, or offers certificates only.",
        )
    return keys


def _asked(host: str) -> str:
    """Return what the person says about the keys that were shown: `yes`, or a fingerprint."""
    if not sys.stdin.isatty():
        raise UsageError(
            "are these the host's keys? Nobody is here to say so",
            next=f"./fab -H {host} hosts.trust --fingerprint SHA256:… as the host's own console "
            "shows it, or --yes",
        )
    console.tell("On the host's own console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub")
    console.tell("Type the fingerprint that it shows, or yes if you have compared them:")
    for _ in range(TIMES):
        answer = sys.stdin.readline().strip()
        if answer == "yes" or FINGERPRINT.fullmatch(answer):
            return (
                answer
                if answer == "yes"
                else f"SHA256:{answer.removeprefix('SHA256:').rstrip('=')}"
            )
        if not answer:
            break
        console.tell("That is neither. Type yes, all of it, or SHA256:… as the console shows it:")
    raise UsageError("nothing is trusted: that was no answer", next=f"./fab -H {host} hosts.trust")


def _matching(keys: Sequence[Key], answer: str) -> Sequence[Key]:
    if answer == "yes":
        return keys
    matching = [key for key in keys if key.fingerprint == answer]
    if not matching:
        raise Unreachable(
            "none of the host's keys has that fingerprint; nothing is trusted",
            why="Another machine may answer in its place.",
        )
    return matching
