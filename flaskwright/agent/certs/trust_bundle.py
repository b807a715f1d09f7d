"""One file with all certificates that certbot may trust: the system's, and those of our hosts."""

from __future__ import annotations

import os

from ..engine.errors import NotYet
from ..engine.handler import Handler, handles
from ..system import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State


SYSTEM = "/etc/ssl/certs/ca-certificates.crt"
HEAD = b"# Made by Flaskwright from %s and %s; edits are lost.\n"


@handles("trust-bundle")
class TrustBundle(Handler):
    """The file at `path`: what the system trusts, followed by each file in `directory`."""

    keys = ("whole",)
    path: str
    directory: str

    def wanted(self) -> State:
        """Give {"whole": True}: equal to its parts, of which updates change the system's."""
        return {"whole": True}

    def actual(self) -> State:
        """Compare the file with its parts, read now; raises NotYet before they are there."""
        if not os.path.exists(SYSTEM) or not os.path.isdir(self.directory):
            raise NotYet("its parts are there")
        return {"whole": disk.read(self.path) == self._joined()}

    def fix(self, differing: list[str]) -> None:
        """Join the system's certificates and those of `directory` into the file."""
        disk.write(self.path, self._joined())

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Name the file of the system's certificates, and the directory of ours."""
        return ["join %s and %s" % (SYSTEM, self.directory)]

    def _joined(self) -> bytes:
        names = sorted(name for name in os.listdir(self.directory) if name.endswith(".pem"))
        paths = [os.path.realpath(SYSTEM), *(os.path.join(self.directory, name) for name in names)]
        head = HEAD % (SYSTEM.encode(), self.directory.encode())
        return head + b"\n".join(disk.read(path) or b"" for path in paths)
