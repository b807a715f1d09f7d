"""Where an app is on a host: its directories, sockets and units. No other module spells them.

The agent asks it for what it looks at, the operator's side for what it renders.
"""

from __future__ import annotations

APPS = "/srv"  # a directory for each app
STATE = "/var/lib/flaskwright"  # what is remembered of the host, and a directory for each app
CACHE = "/var/cache/flaskwright"  # what builds keep, a directory for each app
RUN = "/run"  # what is gone after a boot
SLOTS = (1, 2, 3)
# what earlier versions named units of ours, and their operators and releases still do
EARLIER = {"transaction": "flaskwright-%s", "canary": "flaskwright-canary-%s"}


class Place:
    """The places of the app `name`, by default as root has them.

    root: the app's own directory; state: of what is remembered of it, which is all that there is
    of a host without an app; cache: of what its builds keep; run: of sockets and the like.
    """

    def __init__(
        self, name: str = "", root: str = "", state: str = "", cache: str = "", run: str = ""
    ) -> None:
        self.name = name
        self.root = root or "%s/%s" % (APPS, name)
        self.state = state or "%s/%s" % (STATE, name)
        self.cache = cache or "%s/%s" % (CACHE, name)
        self.run = run or RUN

    @property
    def repository(self) -> str:
        """The bare repository with the app's commits, root's alone."""
        return self.root + "/repo.git"

    @property
    def venvs(self) -> str:
        """The directory of the virtual environments."""
        return self.root + "/venvs"

    def venv(self, name: str) -> str:
        """Give the directory of an environment, by its hash."""
        return "%s/%s" % (self.venvs, name)

    @property
    def releases(self) -> str:
        """The directory of the releases."""
        return self.root + "/releases"

    def release(self, name: str) -> str:
        """Give the directory of a release."""
        return "%s/%s" % (self.releases, name)

    @property
    def current(self) -> str:
        """The link to the release that is live."""
        return self.root + "/current"

    @property
    def shared(self) -> str:
        """The directory that the app may write, and its user's home."""
        return self.root + "/shared"

    @property
    def backups(self) -> str:
        """The directory of the backups of its databases."""
        return self.root + "/backups"

    @property
    def maintenance(self) -> str:
        """The directory of the page that visitors get meanwhile."""
        return self.root + "/maintenance"

    @property
    def closed(self) -> str:
        """The file that says that visitors get it."""
        return self.maintenance + "/on"

    @property
    def credentials(self) -> str:
        """The directory of secrets that the app's user reads itself; others are in the state."""
        return self.root + "/credentials"

    @property
    def door(self) -> str:
        """The socket at which the app takes requests from this host's front end."""
        return self.beside(self.name, "sock")

    def beside(self, unit: str, what: str) -> str:
        """Give a file of a unit, named without its suffix, that a boot takes away.

        what: `sock`, where it listens; `next`, a link to the release that it starts with; `ready`,
        the pipe through which it says that it is up.
        """
        return "%s/%s.%s" % (self.run, unit, what)

    @property
    def boot_units(self) -> str:
        """The directory of units that a boot takes away."""
        return self.run + "/systemd/system"

    @property
    def socket_unit(self) -> str:
        """The unit that holds the door."""
        return self.name + ".socket"

    @property
    def slot_units(self) -> list[str]:
        """The units behind it, of which one serves."""
        return ["%s@%d.service" % (self.name, number) for number in SLOTS]

    @property
    def unit_template(self) -> str:
        """The file of a slot's unit, within a release as on the host."""
        return "/etc/systemd/system/%s@.service" % self.name

    def unit(self, what: str) -> str:
        """Give the name, without its suffix, of a unit of ours that does something for the app.

        Apps have no dot in their names, so that none can be named like one.
        """
        return "flaskwright.%s.%s" % (what, self.name)

    def units(self, what: str) -> list[str]:
        """Give that name, and the one that it has in what an earlier version made or still does."""
        return [self.unit(what), EARLIER[what] % self.name]


def place_above(path: str) -> Place | None:
    """Give the places of the app whose directory a path is in, or is; None for none's."""
    parts = path.split("/")
    is_below = path.startswith(APPS + "/") and len(parts) > APPS.count("/") + 1
    return Place(parts[APPS.count("/") + 1]) if is_below else None
