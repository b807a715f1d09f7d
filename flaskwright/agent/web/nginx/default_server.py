"""What a name gets that is no site of this host."""

from __future__ import annotations

import glob
import os
import re
import tempfile

from ...engine.errors import Failed, NotYet
from ...engine.handler import Handler, handles
from ...system import disk
from ...system.originals import is_ours
from . import candidate
from .files import nginx_version
from .server import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...engine.handler import State


INCLUDED = ("sites-enabled/*", "conf.d/*.conf")  # by Debian's nginx.conf

LISTEN = re.compile(r"^[^#\n]*\blisten\s+(\S+)[^;#\n]*\sdefault(?:_server)?\b", re.MULTILINE)

EVERYWHERE = ("", "*", "0.0.0.0", "[::]")  # noqa: S104 - read, not bound


REJECTS = (1, 19, 4)  # ssl_reject_handshake


@handles("default-server")
class DefaultServer(Handler):
    """No site of somebody else's is the default server of one of these ports."""

    keys = ("ours",)
    ports: tuple[int, ...]

    def wanted(self) -> State:
        """Give {"ours": True}: no other server is the default of the ports."""
        return {"ours": True}

    def actual(self) -> State:
        """Look at what nginx includes and the plan leaves; when it is applied, nginx tells."""
        for path, port in self._others() if self.run.checking else ():
            raise Failed(
                "nginx would refuse a second default server of port %d" % port,
                "%s is one" % path,
                next="take default_server out of %s, then run the same command again" % path,
            )
        return self.wanted()

    def fix(self, differing: list[str]) -> None:
        """Do nothing: `actual` has raised Failed for another default server."""

    def _others(self) -> Iterator[tuple[str, int]]:
        for pattern in INCLUDED:
            for path in sorted(glob.glob(os.path.join(candidate.HOME, pattern))):
                if not any(self.run.changed("%s:%s" % (kind, path)) for kind in ("absent", "link")):
                    yield from ((path, port) for port in defaults(path) if port in self.ports)


def defaults(path: str) -> Iterator[int]:
    """Give the ports that a foreign file is the default server of, whatever the address."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:  # a link to nowhere
        return
    for where in [] if is_ours(data) else LISTEN.findall(data.decode("utf-8", "replace")):
        address, _, port = where.rpartition(":")
        if address in EVERYWHERE and port.isdigit():
            yield int(port)


@handles("nobodys-certificate")
class NobodysCertificate(Handler):
    """A self-signed certificate and its key in one file; not needed since nginx 1.19.4."""

    keys = ("there",)
    path: str

    def wanted(self) -> State:
        """Give {"there": True}: an old nginx needs it to refuse unknown names."""
        return {"there": True}

    def actual(self) -> State:
        """Look whether it is needed, and there; raises NotYet before nginx is."""
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
        """Say that a certificate without a name would be made."""
        return ["make a certificate for nobody"]
