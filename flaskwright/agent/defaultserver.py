"""Who else is nginx's default server: foreseen in a dry run, where nginx itself cannot be asked."""

from __future__ import annotations

import glob
import os
import re

from . import candidate
from .foreign import is_ours
from .handler import Failed, Handler, handles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .handler import State

INCLUDED = ("sites-enabled/*", "conf.d/*.conf")  # by Debian's nginx.conf
LISTEN = re.compile(r"^[^#\n]*\blisten\s+(\S+)[^;#\n]*\sdefault(?:_server)?\b", re.MULTILINE)
EVERYWHERE = ("", "*", "0.0.0.0", "[::]")  # noqa: S104 - read, not bound


@handles("default-server")
class DefaultServer(Handler):
    """No site of somebody else's is the default server of one of these ports."""

    keys = ("ours",)
    ports: tuple[int, ...]

    def wanted(self) -> State:
        """None is."""
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
        """Nothing differs that could be fixed."""

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
