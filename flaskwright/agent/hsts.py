"""What a site tells browsers to remember for a year: that it is there over HTTPS."""

from __future__ import annotations

from . import nginx
from .files import File
from .handler import handles


@handles("hsts")
class Hsts(File):
    """A file of nginx's configuration that comes after all others, so it is put in force here."""

    def fix(self, differing: list[str]) -> None:
        """Write it, and reload."""
        super().fix(differing)
        nginx.reload(self.run)
