"""The files of one commit in a release: checked out, harmless, and listed."""

from __future__ import annotations

import os

from ..app.manifest import CACHE
from ..engine.errors import Failed
from ..system import disk
from ..system.seal import LEAVES, UNWANTED, plain, seal

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


def _text(path: str) -> str:
    return (disk.read(path) or b"").decode("utf-8", "replace")


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
