"""ssh's settings for a host, as the options of the command line would have them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from . import sshconfig

if TYPE_CHECKING:
    from fabric import Config

    from .inventory import Host
    from .sshconfig import Settings


def ssh_config(config: Config) -> str | None:
    """Return the file that -S names, or the configuration; None: ssh's own."""
    path: str | None = config._runtime_ssh_path or config.ssh_config_path
    return path


def settings_for(host: Host, config: Config) -> Settings:
    """Return ssh's settings for a host, where -i, -S and -t win."""
    given = config.connect_kwargs
    keys = given.get("key_filename") or ()
    settings = sshconfig.resolve(
        host,
        config_file=ssh_config(config),
        identities=[keys] if isinstance(keys, str) else keys,
    )
    return dataclasses.replace(settings, timeout=given.get("timeout") or settings.timeout)


def found_at(host: Host, settings: Settings) -> str:
    """Return the address behind a name of ssh_config; empty where it is the same."""
    return "" if settings.address.lower() == host.address.lower() else settings.address
