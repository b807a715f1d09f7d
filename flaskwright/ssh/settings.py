"""What `ssh` would do for a name, asked of ssh itself with `ssh -G`.

Paramiko reads ssh_config too, but knows neither Include nor every Match.
"""

from __future__ import annotations

import dataclasses
import getpass
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flaskwright.agent.common.text import lines

from ..errors import Unreachable
from ..inventory import Host

if TYPE_CHECKING:
    from fabric import Config

    from ..inventory import Host

_USUAL_KEYS = re.compile(r"~/\.ssh/id_[a-z0-9]+(_sk)?")


LONGEST = 60  # seconds for ssh to read its configuration, with what that has it run and look up


_USUAL_NAMES = ("id_rsa", "id_ecdsa", "id_ed25519")


Said = dict[str, list[str]]


@dataclass(frozen=True)
class Settings:
    """Where and how to connect.

    usual: `identities` are only ssh's own defaults. exclusive: no other key may be tried.
    jump: as in ProxyJump; command: as in ProxyCommand, its tokens filled in. timeout: seconds.
    """

    address: str
    user: str
    port: int = 22
    identities: tuple[Path, ...] = ()
    usual: bool = False
    exclusive: bool = False
    known_hosts: tuple[Path, ...] = ()
    host_key_alias: str = ""
    jump: str = ""
    command: str = ""
    timeout: int | None = None
    forward_agent: bool = False


def resolve(
    host: Host, *, config_file: str | None = None, identities: Sequence[str] = ()
) -> Settings:
    """Return how ssh would reach `host`; what hosts.toml says wins, and `identities` over both."""
    said = _ask(host, config_file) or _without_ssh(host)
    named = tuple(identities) or ((str(host.identity),) if host.identity else ())
    tokens = _tokens(said, host.address)
    return Settings(
        address=_one(said, "hostname", host.address),
        user=_one(said, "user"),
        port=int(_one(said, "port", "22")),
        identities=_identities(named or said.get("identityfile", ()), tokens),
        usual=not named and all(map(_USUAL_KEYS.fullmatch, said.get("identityfile", ()))),
        exclusive=bool(named) or _one(said, "identitiesonly") == "yes",
        known_hosts=(Path(host.known_hosts),) if host.known_hosts else _known_hosts(said),
        host_key_alias=_one(said, "hostkeyalias"),
        jump=_one(said, "proxyjump"),
        command=_filled(_one(said, "proxycommand"), tokens),
        timeout=int(_one(said, "connecttimeout", "0")) or None,
        forward_agent=_one(said, "forwardagent") == "yes",
    )


def _ask(host: Host, config_file: str | None) -> Said:
    """Return what `ssh -G` prints, by lower-case key; nothing when there is no ssh here."""
    argv = ["ssh", "-T", "-G"]
    for flag, value in (("-F", config_file), ("-l", host.user), ("-p", host.port)):
        argv += [flag, str(value)] if value else []
    try:
        done = _run([*argv, "--", host.address])
    except FileNotFoundError:
        return {}
    except subprocess.TimeoutExpired:
        raise Unreachable(
            f"ssh does not say how {host.address!r} is reached",
            why=f"`ssh -G` was ended after {LONGEST} s; a `Match exec` of its configuration waits.",
            next=f"try: ssh -G -- {host.address}",
        ) from None
    if done.returncode:
        raise Unreachable(
            f"ssh does not accept {host.address!r} or its own configuration",
            why="`ssh -G` ended with an error.",
            log=lines(done.stderr)[-5:],
            next=f"try: ssh -G -- {host.address}",
        )
    said: Said = {}
    for line in lines(done.stdout):
        key, _, value = line.partition(" ")
        said.setdefault(key.lower(), []).append(value)
    return said


def _run(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )


def _without_ssh(host: Host) -> Said:
    """Return the defaults of ssh in the form of `_ask`."""
    return {
        "hostname": [host.address],
        "user": [host.user or getpass.getuser()],
        "port": [str(host.port or 22)],
        "identityfile": [f"~/.ssh/{name}" for name in _USUAL_NAMES],
        "userknownhostsfile": ["~/.ssh/known_hosts"],
        "globalknownhostsfile": ["/etc/ssh/ssh_known_hosts"],
    }


def _one(said: Said, key: str, default: str = "") -> str:
    value = said.get(key, [default])[0]
    return default if value == "none" else value


def _tokens(said: Said, name: str) -> dict[str, str]:
    return {
        "%": "%",
        "d": str(Path.home()),
        "h": _one(said, "hostname", name),
        "n": name,
        "p": _one(said, "port", "22"),
        "r": _one(said, "user"),
        "u": getpass.getuser(),
    }


def _filled(text: str, tokens: Mapping[str, str]) -> str:
    """Fill in the %-tokens of ssh_config(5); those that are not known stay."""
    return re.sub("%(.)", lambda found: tokens.get(found[1], found[0]), text)


def _identities(names: Sequence[str], tokens: Mapping[str, str]) -> tuple[Path, ...]:
    paths = (Path(_filled(name, tokens)).expanduser() for name in names if name != "none")
    return tuple(dict.fromkeys(paths))


def _known_hosts(said: Said) -> tuple[Path, ...]:
    both = f"{_one(said, 'userknownhostsfile')} {_one(said, 'globalknownhostsfile')}"
    return tuple(Path(name).expanduser() for name in both.split())


def ssh_config(config: Config) -> str | None:
    """Return the file that -S names, or the configuration; None: ssh's own."""
    path: str | None = config._runtime_ssh_path or config.ssh_config_path
    return path


def settings_for(host: Host, config: Config) -> Settings:
    """Return ssh's settings for a host, where -i, -S and -t win."""
    given = config.connect_kwargs
    keys = given.get("key_filename") or ()
    settings = resolve(
        host,
        config_file=ssh_config(config),
        identities=[keys] if isinstance(keys, str) else keys,
    )
    return dataclasses.replace(settings, timeout=given.get("timeout") or settings.timeout)


def found_at(host: Host, settings: Settings) -> str:
    """Return the address behind a name of ssh_config; empty where it is the same."""
    return "" if settings.address.lower() == host.address.lower() else settings.address
