"""The plan: the resources of the chosen tasks, in order, each once."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import UsageError
from ..inventory import Host
from ..resources.base import Planned
from . import order

Mode = Literal["check", "apply"]
LEAST = 10  # seconds


@dataclass(frozen=True)
class Plan:
    """The resources of one host in their order, each with its step: what `--dry-run` shows."""

    host: Host
    items: tuple[Planned, ...]

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of the steps that have a resource in the plan, in order."""
        return tuple(dict.fromkeys(item.step for item in self.items))

    def payload(self, mode: Mode) -> dict[str, Any]:
        """The plan as the agent reads it."""
        return {
            "mode": mode,
            "who": f"{getpass.getuser()}@{socket.gethostname()}",
            "app": self._app(),
            "site": self.host.site.fields(),
            "state": self.host.state,
            "host_state": self.host.host_state,
            "silence": silence(),
            "transaction": self._transaction(),
            "resources": [{**item.resource.payload(), "step": item.step} for item in self.items],
        }

    def _app(self) -> dict[str, str] | None:
        app = self.host.app
        return {"name": app.name, "root": app.place.root} if app else None

    def _transaction(self) -> dict[str, Any]:
        app = self.host.app
        if app is None:
            return {}
        return {"timeout": app.deploy_timeout, "cutover": app.cutover, "drain": app.drain}


def silence() -> float:
    """Return how many seconds a program on a host may hear nothing from the network.

    FLASKWRIGHT_SILENCE says it, for links that are slower than others; raises UsageError.
    """
    said = os.environ.get("FLASKWRIGHT_SILENCE", "120")
    if not said.isdecimal() or int(said) < LEAST:
        raise UsageError(
            f"FLASKWRIGHT_SILENCE is {said!r}",
            why="It is how many seconds a program may hear nothing from the network.",
            next=f"give it a whole number from {LEAST} on, or leave it away",
        )
    return float(said)


def make(host: Host, planned: Iterable[Planned]) -> Plan:
    """Make the plan for `host` of what steps yield.

    Raises UsageError for what is about the app of a host without one.
    """
    items = order.ordered(planned)
    if any(item.resource.of_app for item in items):
        host.must_run_an_app()
    return Plan(host, tuple(items))
