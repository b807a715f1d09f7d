"""A group for the Diffie-Hellman key exchange of old clients, made on the operator's machine."""

from __future__ import annotations

import re

from ..engine.errors import Failed
from ..engine.handler import Handler, handles
from ..system import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State


HEAD = b"# Made by Flaskwright: a Diffie-Hellman group (%s); edits are lost.\n"
END = b"-----END DH PARAMETERS-----"


@handles("dh-group")
class DhGroup(Handler):
    """The file at `path`: a group of the wanted origin, whichever it is.

    Two operators have two groups, and one is as good as the other.
    """

    keys = ("group",)
    path: str
    group: str

    def actual(self) -> State:
        """Read the origin from the first line; a file that was cut off has no group."""
        data = disk.read(self.path) or b""
        found = re.match(re.escape(HEAD).replace(b"%s", b"(.*)"), data)
        return {"group": found.group(1).decode("ascii") if found and END in data else None}

    def fix(self, differing: list[str]) -> None:
        """Ask the operator's machine for one: a small host would take an hour."""
        self.run.progress("waiting for the group from your machine", always=True)
        data = self.run.want("dh-group", {"group": self.group})
        if END not in data:
            why = "openssl there makes it, when it is asked for the first time"
            raise Failed("no Diffie-Hellman group came from your machine", why)
        disk.write(self.path, HEAD % self.group.encode("ascii") + data)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say whether the group would be made on the operator's machine, or is RFC 7919's."""
        made = {"generate": "made on your machine, once", "ffdhe2048": "of RFC 7919"}
        return ["a Diffie-Hellman group %s" % made[self.group]]
