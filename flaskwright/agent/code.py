"""The files of one commit in a release: checked out, harmless, and listed."""

from __future__ import annotations

import hashlib
import os

from . import disk
from .handler import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def settle(code: str) -> None:
    """Give files and directories their modes; raises Failed at a link that leaves the code."""
    top = os.path.realpath(code)
    for path in _below(code):
        if os.path.islink(path):
            _must_stay(top, path)
        else:
            runs = os.path.isdir(path) or os.stat(path).st_mode & 0o100
            os.chmod(path, 0o755 if runs else 0o644)


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
    sums = {}
    for path in _below(release):
        if os.path.islink(path):
            sums[os.path.relpath(path, release)] = "-> " + os.readlink(path)
        elif not os.path.isdir(path):
            sums[os.path.relpath(path, release)] = _sha256(path)
    return sums


def altered(release: str, noted: dict[str, str]) -> list[str]:
    """Give the paths in a release that are not as its manifest has `noted` them."""
    found = checksums(release)
    found.pop("manifest.json", None)
    return sorted(path for path in {**noted, **found} if noted.get(path) != found.get(path))


def _text(path: str) -> str:
    return (disk.read(path) or b"").decode("utf-8", "replace")


def _below(directory: str) -> Iterator[str]:
    """Give all paths below a directory; what Python compiled is left out."""
    for place, names, files in os.walk(directory):
        names[:] = [name for name in names if name != "__pycache__"]
        for name in names + files:
            yield os.path.join(place, name)


def _must_stay(top: str, link: str) -> None:
    target = os.readlink(link)
    if os.path.isabs(target) or not is_within(top, os.path.realpath(link)):
        raise Failed(
            "the repository has a link that leaves it: %s -> %s"
            % (
                os.path.relpath(os.path.realpath(os.path.dirname(link)), top)
                + "/"
                + os.path.basename(link),
                target,
            ),
            "what it points to would be served from outside of the release",
            next="replace it by a file, or by a link within the repository",
        )


def is_within(top: str, path: str) -> bool:
    """Tell whether a resolved path is `top` or below it."""
    return path == top or path.startswith(top + os.sep)


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
