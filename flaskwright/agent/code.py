"""The files of one commit in a release: checked out, harmless, and listed."""

from __future__ import annotations

import hashlib
import os
import re
import stat

from . import disk
from .handler import Failed
from .seal import LEAVES, UNWANTED, plain, seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CACHE = "__pycache__"
COMPILED = re.compile(r"[^.]+\.[a-z0-9-]+(\.opt-\d)?\.pyc")  # PEP 3147
SHOWN = 3  # paths that are named


def settle(code: str) -> list[str]:
    """Make what git has written harmless; gives what was left out of it, in sentences.

    Raises Failed, with the path, for a link that leaves the code and for what else no release may
    have. What Python has compiled is never taken from a repository: what an interpreter finds in
    such a file it runs.
    """
    removed = seal(code, unwanted=_is_compiled, remove=True)
    for path, why in removed.items():
        if why != UNWANTED:
            raise _refused(path, why)
    return [_left_out(sorted(removed))] if removed else []


def kept_elsewhere(code: str) -> list[str]:
    """Say what a repository only refers to, which no release has: submodules, files in LFS."""
    told = []
    if os.path.exists(os.path.join(code, ".gitmodules")):
        told.append("the directories of git submodules are empty: submodules are not fetched")
    if "filter=lfs" in _text(os.path.join(code, ".gitattributes")):
        told.append("files in Git LFS are pointers only: LFS is not asked for them")
    return told


def checksums(release: str) -> dict[str, str]:
    """Give the sha256 of each file of a release by its path; of a link, where it points."""
    return {os.path.relpath(path, release): _sum(path) for path in _below(release)}


def altered(release: str, noted: dict[str, str]) -> list[str]:
    """Give the paths in a release that are not as its manifest has `noted` them."""
    found = checksums(release)
    found.pop("manifest.json", None)
    return sorted(path for path in {**noted, **found} if noted.get(path) != found.get(path))


def _text(path: str) -> str:
    return (disk.read(path) or b"").decode("utf-8", "replace")


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


def _is_compiled(name: str) -> bool:
    return name == CACHE or name.endswith((".pyc", ".pyo"))


def _left_out(paths: list[str]) -> str:
    shown = ", ".join(map(plain, paths[:SHOWN]))
    more = " and %d more" % (len(paths) - SHOWN) if len(paths) > SHOWN else ""
    return "compiled Python in the repository is left out: %s%s" % (shown, more)


def _refused(path: str, why: str) -> Failed:
    if why.startswith(LEAVES):
        return Failed(
            "the repository has a link that leaves it: %s -> %s"
            % (plain(path), why[len(LEAVES) :]),
            "what it points to would be served from outside of the release",
            next="replace it by a file, or by a link within the repository",
        )
    return Failed("the repository has %s: %s" % (why, plain(path)), next="remove it, and commit")


def is_within(top: str, path: str) -> bool:
    """Tell whether a resolved path is `top` or below it."""
    return path == top or path.startswith(top + os.sep)


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
