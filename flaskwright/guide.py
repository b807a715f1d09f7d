"""A guide: the headings of a how-to in order, each with its tasks or the reason why none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .errors import UsageError
from .inventory import Host
from .resources.base import Planned
from .steps import HostTask

Phase = Literal["setup", "deploy"]


@dataclass(frozen=True)
class Heading:
    """One heading of the guide's text.

    `setup` are the steps that prepare the host, `deploy` those that put a release live, in order;
    `on_request` the operations and questions; `by_hand` and `later` say why there is no task.
    """

    title: str
    setup: tuple[HostTask, ...] = ()
    deploy: tuple[HostTask, ...] = ()
    on_request: tuple[HostTask, ...] = ()
    by_hand: str = ""
    later: str = ""

    @property
    def tasks(self) -> tuple[HostTask, ...]:
        """All tasks of this heading."""
        return self.setup + self.deploy + self.on_request


@dataclass(frozen=True)
class Guide:
    """A how-to guide as a table of contents.

    environment: the step whose work may be done beside what else prepares the host.
    """

    name: str
    title: str
    environment: HostTask
    headings: tuple[Heading, ...]

    def steps(self, *phases: Phase) -> Iterator[HostTask]:
        """The steps of the given phases, phase by phase, in the guide's order."""
        for phase in phases:
            for heading in self.headings:
                yield from getattr(heading, phase)

    def resources(self, host: Host, *phases: Phase) -> Iterator[Planned]:
        """What the steps of the given phases yield for `host`."""
        if "deploy" in phases:
            yield from self.environment.resources(host)
        for step in self.steps(*phases):
            yield from step.resources(host)


_guides: dict[str, Guide] = {}


def register(guide: Guide) -> Guide:
    """Make a guide known under its name."""
    _guides[guide.name] = guide
    return guide


def guide_named(name: str) -> Guide:
    """Return a guide that is known; KeyError otherwise."""
    return _guides[name]


def known() -> list[str]:
    """Return the names of the guides in this version."""
    return sorted(_guides)


def guide_of(host: Host) -> Guide:
    """Return the guide that `host` follows; raises UsageError when it is not in this version."""
    if host.guide in _guides:
        return _guides[host.guide]
    raise UsageError(
        f'hosts.{host.name}.guide: "{host.guide}" is not in this version yet',
        next=f"guides in this version: {', '.join(known())}",
    )
