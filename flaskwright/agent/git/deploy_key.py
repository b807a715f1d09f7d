"""A key of this host's own for one repository."""

from __future__ import annotations

import os
import socket
import tempfile

from ..engine.handler import Act, handles
from ..system import disk
from ..system.paths import make_directories
from .login import KEY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State


@handles("deploy-key")
class DeployKey(Act):
    """The app's key: made where there is none; only root reads the private half."""

    def act(self) -> State:
        """Give the public half of the host's key, made where there is none; raises Failed."""
        path = os.path.join(self.run.place.state, KEY)
        if not os.path.exists(path):
            self._make(path)
        return {"public key": (disk.read(path + ".pub") or b"").decode("ascii").strip()}

    def _make(self, path: str) -> None:
        """Make both halves; the private one comes last, so that its public one is never missing."""
        make_directories(os.path.dirname(path), 0o700)
        comment = "flaskwright-%s@%s" % (self.run.place.name, socket.gethostname())
        with tempfile.TemporaryDirectory(prefix="flaskwright-key-") as place:
            key = os.path.join(place, "key")
            argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", key]
            self.run.command(argv, timeout=60)
            disk.write(path + ".pub", disk.read(key + ".pub") or b"")
            disk.write(path, disk.read(key) or b"", mode=0o600)
