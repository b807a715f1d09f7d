"""The site that a release was deployed with, which may be older than hosts.toml."""

from __future__ import annotations

import os
import re

from . import disk

CERTIFICATE = re.compile(r"^\s*ssl_certificate(?:_key)?\s+(\S+);", re.MULTILINE)
NAMES = re.compile(r"^\s*server_name\s+(.+);", re.MULTILINE)


class FormerSite:
    """What a release's own copy of the site says; `place` is the release's directory."""

    def __init__(self, place: str, app: str) -> None:
        path = os.path.join(place, "etc", "nginx", "sites-available", app)
        text = (disk.read(path) or b"").decode("utf-8", "replace")
        self.certificates = CERTIFICATE.findall(text)
        self.names = " ".join(NAMES.findall(text)).replace('"', "").split()

    @property
    def scheme(self) -> str:
        """How visitors came."""
        return "https" if self.certificates else "http"

    def gone(self) -> list[str]:
        """Give what it takes from a certificate that is not there any more."""
        return sorted({path for path in self.certificates if not os.path.exists(path)})
