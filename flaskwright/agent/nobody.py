"""A certificate for nobody, for nginx that cannot refuse a TLS handshake without one."""

from __future__ import annotations

import os
import tempfile

from . import disk
from .fitted import nginx_version
from .handler import Handler, NotYet, handles
from .nginx import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State

REJECTS = (1, 19, 4)  # ssl_reject_handshake


@handles("nobodys-certificate")
class NobodysCertificate(Handler):
    """A self-signed certificate and its key in one file; not needed since nginx 1.19.4."""

    keys = ("there",)
    path: str

    def wanted(self) -> State:
        """It is there where it is needed."""
        return {"there": True}

    def actual(self) -> State:
        """Look for it."""
        if not installed():
            raise NotYet("the package nginx")
        needed = nginx_version(self.run) < REJECTS
        return {"there": not needed or os.path.exists(self.path)}

    def fix(self, differing: list[str]) -> None:
        """Make it: a key of its own, and no name that anybody could ask for."""
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        with tempfile.TemporaryDirectory(prefix="flaskwright-") as place:
            parts = [os.path.join(place, name) for name in ("key", "certificate")]
            files = ["-keyout", parts[0], "-out", parts[1], "-days", "36500"]
            subject = ["-subj", "/CN=unknown.invalid"]
            self.run.command(["openssl", "req", "-x509", *curve, *files, *subject], timeout=60)
            data = b"".join(disk.read(part) or b"" for part in parts)
        disk.write(self.path, data, mode=0o600)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say what would be made."""
        return ["make a certificate for nobody"]
