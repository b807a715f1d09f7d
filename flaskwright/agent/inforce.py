"""What nginx has in force, noted at each reload: the same bytes under new names need no other."""

from __future__ import annotations

import hashlib
import json
import os

from . import disk
from .paths import make_directories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NOTE = "/var/lib/flaskwright/nginx.json"


def note(workers: Mapping[int, float], digest: str) -> None:
    """Note that these workers (pid -> start) have the configuration of that digest."""
    make_directories(os.path.dirname(NOTE), 0o700)
    text = json.dumps({"workers": _listed(workers), "digest": digest})
    disk.write(NOTE, text.encode("ascii"), mode=0o600)


def is_noted(workers: Mapping[int, float], *trees: str) -> bool:
    """Tell whether these very workers have what is below `trees` now."""
    data = disk.read(NOTE)
    noted = json.loads(data.decode("ascii")) if data else {}
    return noted.get("workers") == _listed(workers) and noted.get("digest") == digest(*trees)


def digest(*trees: str) -> str:
    """Give a digest of every file below `trees` with its path, links followed."""
    found = hashlib.sha256()
    for tree in trees:
        for path in _files(tree):
            found.update(path.encode("utf-8", "surrogateescape") + b"\0")
            with open(path, "rb") as file:
                found.update(hashlib.sha256(file.read()).digest())
    return found.hexdigest()


def _files(tree: str) -> Iterator[str]:
    for place, names, files in os.walk(tree, followlinks=True):
        names.sort()
        paths = (os.path.join(place, name) for name in sorted(files))
        yield from filter(os.path.isfile, paths)


def _listed(workers: Mapping[int, float]) -> list[int]:
    return sorted(workers)
