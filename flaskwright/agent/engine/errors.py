"""How a handler says that it cannot go on."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class Trouble(Exception):
    """Why a resource is not what it should be; the parts are those of the result event."""

    def __init__(self, what: str, why: str = "", log: Iterable[str] = (), next: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.log = list(log)
        self.next = next

    def result(self) -> dict[str, Any]:
        """Give the fields of its result event."""
        parts = {"what": self.what, "why": self.why, "log": self.log, "next": self.next}
        return dict(parts, state="failed")


class Failed(Trouble):
    """What a resource should be cannot be reached; the run ends with it."""


class Misused(Failed):
    """What was typed cannot be meant, as only the host can tell."""

    def result(self) -> dict[str, Any]:
        """Give the fields of its result event."""
        return dict(super().result(), misused=True)


class Wrong(Failed):
    """An answer to a question, of which something is not as it should be."""

    def __init__(self, answer: dict[str, Any], what: str, next: str = "") -> None:
        super().__init__(what, next=next)
        self.answer = answer

    def result(self) -> dict[str, Any]:
        """Give the fields of its result event, the answer among them."""
        return dict(super().result(), answer=self.answer)


class Unwell(Failed):
    """What an app says in its sandbox, whose read-only places are no trouble of the host."""


class Stopped(Trouble):
    """The operator, or the time limit, has asked for a stop; no handler has a say in it."""


class NotYet(Exception):
    """The state cannot be known before `needs` is there; a dry run says `would run`."""

    def __init__(self, needs: str) -> None:
        super().__init__("after " + needs)


class Gone(Exception):
    """The operator's side of the link is closed while something was asked or awaited."""


class HandOver(Exception):
    """What follows is part of a transaction, which needs no operator and survives the link."""
