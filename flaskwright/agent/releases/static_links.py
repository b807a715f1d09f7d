"""Links below what nginx serves by itself: it follows none, so those to files become files."""

from __future__ import annotations

import os

from ..system.seal import plain
from .code import is_within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


SHOWN = 3  # links that are named
WHY = "nginx follows no link, so these come from the app: %s%s; have the files themselves there"


def make_files_of(code: str, directory: str, static: Iterable[str]) -> list[str]:
    """Put hard links in the place of links to files; gives in a sentence which links stay.

    `static` are paths in `directory` of a code that is sealed. Below a directory a link may lead
    to what is served there in any case; a path that is named itself, to any file of the code.
    """
    left = []
    for path in (os.path.join(directory, one) for one in static):
        inside = os.path.realpath(os.path.join(code, path if path.endswith("/") else ""))
        for link in _links(code, path.rstrip("/")):
            if not _becomes_a_file(link, inside):
                left.append(plain(os.path.relpath(link, code)))
    more = " and %d more" % (len(left) - SHOWN) if len(left) > SHOWN else ""
    return [WHY % (", ".join(left[:SHOWN]), more)] if left else []


def _links(code: str, path: str) -> Iterator[str]:
    """Give the links on the way to a path, and those below it."""
    here = code
    for name in path.split("/"):
        here = os.path.join(here, name)
        if os.path.islink(here):
            yield here
            return
    for above, names, files in os.walk(here):
        yield from filter(os.path.islink, (os.path.join(above, name) for name in names + files))


def _becomes_a_file(link: str, inside: str) -> bool:
    target = os.path.realpath(link)
    if not os.path.isfile(target) or not is_within(inside, target):
        return False
    new = "%s.%s" % (link, os.urandom(4).hex())
    os.link(target, new)
    os.rename(new, link)
    return True
