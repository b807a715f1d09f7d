"""The app's processes: tried beside the service, and reloaded."""

from typing import ClassVar

from .base import OfApp, resource


@resource
class TryApp(OfApp):
    """The current release started by hand, beside the service, and asked for `health`.

    `server` is `flask` (the development server, as a first try) or `gunicorn`.
    """

    kind: ClassVar[str] = "try-app"
    server: str
    health: str
    expected: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The server."""
        return self.server


@resource
class Reload(OfApp):
    """gunicorn's HUP: all workers new, or none; `drain` are the seconds that requests have."""

    kind: ClassVar[str] = "reload"
    health: str
    drain: int
    expected: tuple[int, ...] = ()
