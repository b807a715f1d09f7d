"""What a release says of its own files: their checksums, and which were altered since."""

from __future__ import annotations

import hashlib
import os
import re
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


CACHE = "__pycache__"
COMPILED = re.compile(r"[^.]+\.[a-z0-9-]+(\.opt-\d)?\.pyc")  # PEP 3147


def checksums(release: str) -> dict[str, str]:
    """Give the sha256 of each file of a release by its path; of a link, where it points."""
    return {os.path.relpath(path, release): _sum(path) for path in _below(release)}


def altered(release: str, noted: dict[str, str]) -> list[str]:
    """Give the paths in a release that are not as its manifest has `noted` them."""
    found = checksums(release)
    found.pop("manifest.json", None)
    return sorted(path for path in {**noted, **found} if noted.get(path) != found.get(path))


def _below(directory: str) -> Iterator[str]:
    """Give the paths of all below a directory that is none; what Python compiled is left out.

    That is a file beside its source, in a directory of its own: nothing else of that name.
    """
    for place, names, files in os.walk(directory):
        links = [name for name in names if os.path.islink(os.path.join(place, name))]
        for path in (os.path.join(place, name) for name in links + files):
            if not _is_cache(path):
                yield path


def _is_cache(path: str) -> bool:
    directory, name = os.path.split(path)
    above, cache = os.path.split(directory)
    if cache != CACHE or not COMPILED.fullmatch(name) or not stat.S_ISREG(os.lstat(path).st_mode):
        return False
    return os.path.isfile(os.path.join(above, name.split(".")[0] + ".py"))


def _sum(path: str) -> str:
    """Give what is told of one: a link's target, a file's digest, or that it is neither."""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return "-> " + os.readlink(path)
    if not stat.S_ISREG(status.st_mode):
        return "neither a file nor a link"
    digest = hashlib.sha256()
    with open(
        os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb"
    ) as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
