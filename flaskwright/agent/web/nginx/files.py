"""Files of nginx that depend on what its version knows, and on whether the site has HTTPS."""

from __future__ import annotations

import re

from ...common.text import numbers
from ...engine.errors import NotYet
from ...engine.handler import handles
from ...system.files import File
from . import server as nginx
from .candidate import BINARY
from .server import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...engine.handler import State
    from ...engine.run import Run

    Version = tuple[int, ...]


@handles("fitted")
class Fitted(File):
    """A file whose content is the one for the newest versions that the host has reached.

    The keys of `contents` are an nginx's and an OpenSSL's version with a space between them.
    """

    contents: dict[str, str]

    def actual(self) -> State:
        """Read the file; before nginx is there nobody knows what should be in it."""
        if not installed():
            raise NotYet("the package nginx")
        self.content = self._fitting(nginx_version(self.run), openssl_version(self.run))
        return super().actual()

    def wanted(self) -> State:
        """Give the file's fields, with the content for this host's nginx."""
        return {key: getattr(self, key) for key in self.keys}

    def _fitting(self, nginx: Version, openssl: Version) -> str:
        known = {tuple(map(numbers, key.split())): text for key, text in self.contents.items()}
        return known[max(key for key in known if key[0] <= nginx and key[1] <= openssl)]


def nginx_version(run: Run) -> Version:
    """Give the version of the host's nginx."""
    return numbers(_said(run).partition("nginx/")[2])


def openssl_version(run: Run) -> Version:
    """Give the version of the OpenSSL that nginx runs with; (0,): it has another library."""
    # where the two differ a second one follows, in brackets: the one that it runs with
    found = re.findall(r"(?:built|running) with OpenSSL ([\d.]+)", _said(run))
    return numbers(found[-1]) if found else (0,)


def _said(run: Run) -> str:
    """Give what nginx says of itself; asked once in a run, before anything upgrades it."""
    if "nginx -V" not in run.cache:
        run.cache["nginx -V"] = run.command([BINARY, "-V"], timeout=30).err
    said: str = run.cache["nginx -V"]
    return said


@handles("hsts")
class Hsts(File):
    """A file of nginx's configuration that comes after all others, so it is put in force here."""

    after_commit = True

    def fix(self, differing: list[str]) -> None:
        """Write the header's file, and reload nginx."""
        super().fix(differing)
        nginx.reload(self.run)
