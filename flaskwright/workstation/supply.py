"""What the operator's side gives a host that asks, and what it looks at before it sends a plan.

A resource names what it `needs`, by the words that its handler asks with. Who makes that registers
here, beside the code that makes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..inventory import Host
    from ..plan.plan import Mode
    from ..resources.base import Resource
    from ..secrets.entries import Entries


@dataclass(frozen=True)
class Need:
    """A need of a command: its host, its mode, and the app's secrets, where the app has any.

    config_file: the ssh_config that the person named.
    """

    host: Host
    mode: Mode
    entries: Entries | None = None
    config_file: str | None = None


@dataclass(frozen=True)
class Question:
    """What a host asks for: the resource in the plan that needs it, and what the host has said.

    What the host says is a stranger's word: what is deployed stands in `resource`.
    """

    need: Need
    resource: Resource
    said: dict[str, Any]


class Supply(NamedTuple):
    """What answers a question; `rehearsed`: also in a dry run."""

    answer: Callable[[Question], bytes]
    rehearsed: bool


SUPPLIES: dict[str, Supply] = {}
BEFORE_SENT: dict[str, Callable[[Need], None]] = {}


def supplies(
    name: str, *, rehearsed: bool = True
) -> Callable[[Callable[[Question], bytes]], Callable[[Question], bytes]]:
    """Register the function below as what answers a host that asks for `name`.

    It returns what is sent, empty for nothing, and raises FlaskwrightError with what a person
    should know. rehearsed: a dry run has need of it, too.
    """

    def register(answer: Callable[[Question], bytes]) -> Callable[[Question], bytes]:
        SUPPLIES[name] = Supply(answer, rehearsed)
        return answer

    return register


def before_sent(name: str) -> Callable[[Callable[[Need], None]], Callable[[Need], None]]:
    """Register the function below as what is looked at before a plan that needs `name` is sent.

    It raises FlaskwrightError, and then the host is not asked at all.
    """

    def register(look: Callable[[Need], None]) -> Callable[[Need], None]:
        BEFORE_SENT[name] = look
        return look

    return register
