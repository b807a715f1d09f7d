"""A deploy as a whole: the release that serves, what is kept, and the way back."""

from typing import ClassVar

from .base import OfApp, PartOfApp, resource


@resource
class Serving(PartOfApp):
    """`current` names the release, the app's processes run it, and its health path answers.

    cutover: `auto` or `restart`. drain: seconds that requests in flight have to finish. expected:
    the statuses that count as healthy; none: 200 to 399.
    """

    kind: ClassVar[str] = "serving"
    health: str
    cutover: str
    drain: int
    expected: tuple[int, ...] = ()


@resource
class Kept(PartOfApp):
    """The last `keep` good releases and backups, and what runs; of all others nothing is left."""

    kind: ClassVar[str] = "kept"
    rank: ClassVar[int] = 3  # once the site has answered
    keep: int


@resource
class Attach(OfApp):
    """The journal of the transaction that is under way, or of the last one."""

    kind: ClassVar[str] = "attach"


@resource
class Earlier(OfApp):
    """The release that a rollback leads to: `to`, else the last good one before the live one.

    Its site has to be where today's is.
    """

    kind: ClassVar[str] = "earlier"
    to: str
