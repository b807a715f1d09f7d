"""What outlives a release: links in its code to the one directory that the app may write.

That directory is the app's, so everything in it is done as the app's user: no link that the app
has laid there is ever followed with more rights than its own.
"""

from __future__ import annotations

import os

from .code import is_within
from .disk import remove_tree
from .handler import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .run import Run


class Shared:
    """The directory `root` of the user `app`."""

    def __init__(self, run: Run, app: str, root: str) -> None:
        self.run = run
        self.app = app
        self.root = root

    def link(self, code: str, paths: Iterable[str]) -> None:
        """Replace each of `paths` below `code` by a link to its place here.

        What the repository has there is copied once, as the first content.
        """
        for path in _outermost(paths):
            name = path.rstrip("/")
            place, target = os.path.join(code, name), os.path.join(self.root, name)
            self._must_be_within(code, place)
            self._seed(place, target, is_file=_is_file(place, path))
            remove_tree(place)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.symlink(target, place)

    def _seed(self, place: str, target: str, is_file: bool) -> None:
        if os.path.lexists(target):
            return
        self._as_app("mkdir", "--parents", os.path.dirname(target) if is_file else target)
        if os.path.exists(place):
            part = target + ".part"
            self._as_app("rm", "--recursive", "--force", part)
            self._as_app("cp", "--recursive", "--no-target-directory", place, part)
            self._as_app("mv", "--no-target-directory", part, target)

    def _as_app(self, *argv: str) -> None:
        self.run.command(argv, user=self.app)

    def _must_be_within(self, code: str, place: str) -> None:
        if not is_within(os.path.realpath(code), os.path.realpath(os.path.dirname(place))):
            raise Failed("shared: %s is outside of the app's code" % place)


def _is_file(place: str, path: str) -> bool:
    """Tell a file from a directory: by what the repository has there, else by the name."""
    if os.path.lexists(place):
        return not os.path.isdir(place)
    return not path.endswith("/") and "." in os.path.basename(path)


def _outermost(paths: Iterable[str]) -> list[str]:
    """Give the paths that are not below another one of them."""
    kept: list[str] = []
    for path in sorted(paths):
        if not any(is_within(other.rstrip("/"), path.rstrip("/")) for other in kept):
            kept.append(path)
    return kept
