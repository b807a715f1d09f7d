"""How a handler says that it cannot go on."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Failed(Exception):
    """A resource cannot be made what it should be; the parts are those of the result event."""

    def __init__(self, what: str, why: str = "", log: Iterable[str] = (), next: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.log = list(log)
        self.next = next


class NotYet(Exception):
    """The state cannot be known before `needs` is there; a dry run says `would run`."""

    def __init__(self, needs: str) -> None:
        super().__init__("after " + needs)


class Gone(Exception):
    """The operator's side of the link is closed while something was asked or awaited."""
