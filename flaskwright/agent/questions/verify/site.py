"""A site as it is declared, and how it is found from outside."""

from __future__ import annotations

import os

from ...engine.handler import Act
from ...web import maintenance, visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...engine.handler import State
    from ...engine.run import Run
    from ...web.http import Reply


class SiteLook(Act):
    """A look at the site: what hosts.toml says of the app, and the host's addresses."""

    directory: str
    health: str
    expected: tuple[int, ...] = ()
    static: dict[str, str]
    outbound: bool
    trust: str

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.site = run.site
        self.addresses = visit.addresses()
        self.is_closed = maintenance.is_on(run.place)

    @property
    def place(self) -> str:
        """The app's directory in the live release."""
        return os.path.join(self.run.place.current, "code", self.directory)

    def get(self, path: str, address: str = "", **fields: str) -> Reply:
        """Visit a path of the site itself; raises OSError."""
        address = address or self.addresses[0]
        return visit.visit(address, path, self.site.host, self.site.https, **fields)
