"""What the agent may ask the operator's side for, and what it gets: no more than the plan needs.

A host asks for what it likes. It gets an answer when the plan has a resource that needs it, and
what changes a host is given to a run that may change it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import FlaskwrightError, UsageError
from ..report import console
from ..workstation import (  # noqa: F401 - each registers what it supplies
    app_secrets,
    commits,
    dh_group,
    git_server,
)
from ..workstation.supply import BEFORE_SENT, SUPPLIES, Need, Question

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..link import transport
    from ..plan.plan import Plan
    from ..resources.base import Planned


def look_before(planned: Iterable[Planned], need: Need) -> None:
    """Do what has to be done here before a plan is sent; raises FlaskwrightError."""
    wanted = {name for item in planned for name in item.resource.needs}
    for name, look in BEFORE_SENT.items():
        if name in wanted:
            look(need)


def answers(todo: Plan, need: Need) -> transport.OnWant:
    """Return what answers the agent's questions; what it may not have is an empty answer."""
    by_name = {name: item.resource for item in todo.items for name in item.resource.needs}

    def answer(name: str, said: dict[str, Any] | None) -> bytes:
        supply, resource = SUPPLIES.get(name), by_name.get(name)
        if supply is None or resource is None or (need.mode == "check" and not supply.rehearsed):
            return b""
        try:
            return supply.answer(Question(need, resource, said or {}))
        except FlaskwrightError as error:
            if isinstance(error, UsageError) and name == "token":
                raise  # what the host would say of it helps nobody
            console.tell(f"{need.host.name}  {error.what}: {error.why}")
            return b""

    return answer
