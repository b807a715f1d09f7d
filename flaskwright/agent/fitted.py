"""Files of nginx's configuration that depend on what the host's nginx knows."""

from __future__ import annotations

import re

from .candidate import BINARY
from .files import File
from .handler import NotYet, handles
from .nginx import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State
    from .run import Run

    Version = tuple[int, ...]


@handles("fitted")
class Fitted(File):
    """A file whose content is the one for the newest version that the host's nginx has reached."""

    contents: dict[str, str]

    def actual(self) -> State:
        """Read the file; before nginx is there nobody knows what should be in it."""
        if not installed():
            raise NotYet("the package nginx")
        self.content = self._fitting(nginx_version(self.run))
        return super().actual()

    def wanted(self) -> State:
        """The same, with the content that fits."""
        return {key: getattr(self, key) for key in self.keys}

    def _fitting(self, version: Version) -> str:
        reached = [known for known in self.contents if numbers(known) <= version]
        return self.contents[max(reached, key=numbers)]


def nginx_version(run: Run) -> Version:
    """Give the version of the host's nginx; asked once in a run, before anything upgrades it."""
    if "nginx version" not in run.cache:
        said = run.command([BINARY, "-v"], timeout=30).err
        run.cache["nginx version"] = numbers(said.partition("/")[2])
    version: Version = run.cache["nginx version"]
    return version


def numbers(version: str) -> Version:
    """Give a version's numbers, `1.22.1` or `1.22.1 (Ubuntu)` as (1, 22, 1)."""
    found = re.match(r"[\d.]*", version)
    return tuple(map(int, filter(None, found.group().split(".")))) if found else ()
