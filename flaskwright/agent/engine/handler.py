"""The contract of a handler: what should be, what is, and how to make it so."""

from __future__ import annotations

from .errors import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ClassVar, Dict, Type, TypeVar

    from .run import Run

    State = Dict[str, Any]

    AnyHandler = TypeVar("AnyHandler", bound="Type[Handler]")


HANDLERS: dict[str, type[Handler]] = {}


def handles(kind: str) -> Callable[[AnyHandler], AnyHandler]:
    """Register the class below as the handler of resources of `kind`."""

    def register(handler: AnyHandler) -> AnyHandler:
        handler.kind = kind
        HANDLERS[kind] = handler
        return handler

    return register


class Handler:
    """One resource on this host; subclasses annotate the fields that the plan gives them."""

    kind: ClassVar[str]
    keys: ClassVar[tuple[str, ...]] = ()
    detached: ClassVar[bool] = False  # changed in a transaction only
    after_commit: ClassVar[bool] = False  # there it has its turn once nothing is undone any more
    id: str
    step: str

    def __init__(self, fields: State, run: Run) -> None:
        self.run = run
        for name, value in fields.items():
            setattr(self, name, tuple(value) if isinstance(value, list) else value)

    def wanted(self) -> State:
        """Give the state that should be, by key; a field that is None is left alone."""
        fields = {key: getattr(self, key) for key in self.keys}
        return {key: value for key, value in fields.items() if value is not None}

    def actual(self) -> State:
        """Read the same keys from the host, now.

        Raises NotYet where they cannot be known before an earlier resource is there, and Failed
        where only a person can help.
        """
        raise NotImplementedError

    def fix(self, differing: list[str]) -> None:
        """Make the differing keys what they should be; raises Failed."""
        raise NotImplementedError

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say line by line what would change of the differing keys."""
        wanted = self.wanted()
        return [
            "%s: %s -> %s" % (key, shown(key, actual.get(key)), shown(key, wanted.get(key)))
            for key in differing
        ]

    def unmet(self, actual: State, differing: list[str]) -> Failed:
        """Give the failure of a fix that did not bring the wanted state."""
        what = "%s still differs: %s" % (self.id, ", ".join(differing))
        return Failed(what, log=self.diff(actual, differing))

    def note(self) -> str:
        """Say what else a person should know of the change; asked before and after it."""
        return ""


class Act(Handler):
    """What is done each time it is asked, and has an answer instead of a state to compare.

    `reads`: it changes nothing, so a dry run does it too.
    """

    reads: ClassVar[bool] = False

    def act(self) -> State:
        """Do what was asked for, once, and give the answer's fields; raises Failed."""
        raise NotImplementedError


def shown(key: str, value: object) -> str:
    """Write a state's value as people do: modes in octal, nothing as `-`."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key == "mode" and isinstance(value, int):
        return "%04o" % value
    return str(value)
