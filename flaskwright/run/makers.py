"""Who makes a host before it is reached; the engine does not know the throw-away ones."""

from __future__ import annotations

from collections.abc import Callable

from ..inventory import Host

Maker = Callable[[Host, bool], Host]
"""`maker(host, make)` returns the host with what it takes to reach it, and leaves others alone.

With `make` it brings the host up when it is not; else it raises Unreachable then.
"""

makers: list[Maker] = []


def made_by(maker: Maker) -> Maker:
    """Register a maker, as a decorator."""
    makers.append(maker)
    return maker


def made(host: Host, make: bool) -> Host:
    """Return the host after every maker has seen it."""
    for maker in makers:
        host = maker(host, make)
    return host
