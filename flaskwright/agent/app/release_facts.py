"""What is known of a release whose app fails: from its manifest, and from its code."""

from __future__ import annotations

import os
import stat

from ..system import disk
from ..system.owners import group_name
from .advice import Facts
from .releases import Releases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..common.place import Place


LARGEST = 1 << 18  # bytes of a file that is looked into
CODE = "code/"


def facts_of(place: Place, release: str, command: Sequence[str] = ()) -> Facts:
    """Give the facts; `command` is what was run in it, where that is what fails."""
    manifest = Releases(place).manifest(release)
    noted, data = manifest.get("files", {}), place.shared
    directory = manifest.get("directory", "")
    files = {path[len(CODE) :]: what for path, what in noted.items() if path.startswith(CODE)}
    top = directory + "/" if directory else ""
    links = [name for name, what in files.items() if what.startswith("-> %s/" % data)]

    def read(name: str) -> str | None:
        """Read what is a file of the commit, and no link."""
        file = os.path.join(place.release(release), CODE, name)
        if files.get(name, "-> ").startswith("-> ") or os.path.getsize(file) > LARGEST:
            return None
        return (disk.read(file) or b"").decode("utf-8", "replace")

    return Facts(
        wsgi=manifest.get("wsgi", ""),
        directory=directory,
        python=" ".join(manifest.get("python", "Python").split()[:2]),
        files=files,
        shared=[name[len(top) :] for name in links if name.startswith(top)],
        place=os.path.join(place.release(release), "code"),
        data=data,
        command=command,
        installed=any(path.startswith("project/lib/") for path in noted),
        group_of=_group_of,
        read=read,
    )


def _group_of(path: str) -> str | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return group_name(status.st_gid) if stat.S_ISCHR(status.st_mode) else None
