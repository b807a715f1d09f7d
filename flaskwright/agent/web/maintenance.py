"""Maintenance: a file that the site's server block looks for with every request."""

from __future__ import annotations

import os

from ..app.releases import Releases
from ..common import text
from ..common.text import now
from ..engine.errors import Failed
from ..engine.handler import Handler, handles
from ..system import disk
from .http import ask, loopback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..common.place import Place
    from ..engine.handler import State


TEXT = "# Made by Flaskwright: while this file is here, visitors get index.html beside it.\n%s\n"
ASKED = "/flaskwright-maintenance"  # no app has anything there
PAGE, SITE = "the maintenance page", "the site"


@handles("maintenance")
class Maintenance(Handler):
    """What visitors get, and the file that says so."""

    keys = ("flag", "visitors get")
    on: bool

    def wanted(self) -> State:
        """Give the flag, and what visitors get by it: the page, or the site."""
        return {"flag": self.on, "visitors get": PAGE if self.on else SITE}

    def actual(self) -> State:
        """Look for the file, and ask nginx as a visitor does; raises Failed without a site."""
        if not Releases(self.run.place).current():
            raise Failed(
                "%s has no release to close" % self.run.place.name, next="./fab deploy makes one"
            )
        return {"flag": is_on(self.run.place), "visitors get": self._visitors_get()}

    def fix(self, differing: list[str]) -> None:
        """Write or remove the file; raises Failed where the site does not care."""
        path = self.run.place.closed
        if self.on:
            disk.write(path, (TEXT % ("%s, by %s" % (now(), self.run.who))).encode())
        else:
            disk.remove(path)
        if self.on and self._visitors_get() != PAGE:
            what = "visitors of %s get %s" % (self.run.site.host, self._visitors_get())
            disk.remove(path)
            why = "the live site does not look for %s" % path
            raise Failed(what, why, next="./fab nginx.site makes one that does")

    def _visitors_get(self) -> str:
        site = self.run.site
        try:
            reply = ask(loopback()[0], ASKED, site.host, https=site.https)
        except OSError as error:
            return "no answer (%s)" % error
        return PAGE if reply.status == 503 and "Retry-After" in reply.headers else SITE


def is_on(place: Place) -> bool:
    """Tell whether the app's flag of maintenance is there."""
    return os.path.lexists(place.closed)


def told(place: Place) -> str:
    """Say whether the site is closed, since when and by whom."""
    data = disk.read(place.closed)
    if data is None:
        return "off"
    lines = text.lines(data)
    return "on, since %s" % lines[-1] if len(lines) > 1 else "on"
