"""Where ssh logs in for a host of hosts.toml: what a secret belongs to, and no name can take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .keys import HostTable


def login_of(name: str, host: HostTable, path: Path | None) -> str:
    """Return `ssh://[USER@]ADDRESS[:PORT]` as hosts.toml has it, or `sandbox:PATH:NAME`.

    Neither can be spelled like the other, or like a host's name.
    """
    if host.sandbox is not None:
        return f"sandbox:{path or ''}:{name}"
    user = f"{host.user}@" if host.user else ""
    address = f"[{host.address}]" if ":" in host.address else host.address
    port = f":{host.port}" if host.port not in (None, 22) else ""
    return f"ssh://{user}{address.lower()}{port}"
