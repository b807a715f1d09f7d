"""System users."""

from __future__ import annotations

import grp
import pwd

from ..engine.errors import Failed
from ..engine.handler import Handler, handles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State


@handles("user")
class User(Handler):
    """A system user of ours, told by its comment, with a group of the same name."""

    keys = ("comment", "home", "shell")
    user: str
    home: str
    comment: str
    shell: str

    def actual(self) -> State:
        """Read the user's entry; raises Failed when it is somebody else's."""
        try:
            entry = pwd.getpwnam(self.user)
        except KeyError:
            self._free_group()
            return {}
        if entry.pw_gecos != self.comment:
            raise self._taken("user")
        return {"comment": entry.pw_gecos, "home": entry.pw_dir, "shell": entry.pw_shell}

    def fix(self, differing: list[str]) -> None:
        """Add the user, or put home and shell right; the home directory itself is not made."""
        settings = ["--home-dir", self.home, "--shell", self.shell]
        if "comment" not in differing:
            self.run.command(["usermod", "--home", self.home, *settings[2:], self.user])
            return
        kind = ["--system", "--user-group", "--no-create-home", "--comment", self.comment]
        self.run.command(["useradd", *kind, *settings, self.user])

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say that the user would be added, or which of its settings change."""
        if not actual:
            return ["add the system user %s (%s)" % (self.user, self.comment)]
        return super().diff(actual, differing)

    def _free_group(self) -> None:
        try:
            grp.getgrnam(self.user)
        except KeyError:
            return
        raise self._taken("group")

    def _taken(self, kind: str) -> Failed:
        what = "%s %s exists and was not made by Flaskwright" % (kind, self.user)
        return Failed(what, "an app's name is also its user's", next="give the app another name")
