"""The files of the site: those that everybody gets, and those that nobody does."""

from __future__ import annotations

import contextlib
import os
import stat
from urllib.parse import quote

from ...engine.errors import Failed
from ...system import disk
from ...system.tree_walk import TreeWalk
from .findings import OK, wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...web.http import Reply
    from .findings import Finding
    from .site import SiteLook


HOUR = "max-age=3600"
SMALLEST = 256  # bytes; what is smaller is not compressed
TEXTS = (".css", ".js", ".txt", ".svg", ".xml", ".json")
ALWAYS = (".git/config", ".env")
SIGN = {".git/config": b"repositoryformatversion"}
MOST = 12  # files that are asked for
HEAD = 200  # bytes of a file that tell it from others


def static(site: SiteLook) -> Iterator[Finding]:
    """Ask for a file of each place that nginx serves by itself: bytes, caching, compression."""
    for url, path in sorted(site.static.items()):
        place = os.path.join(site.place, path)
        file = _example(place)
        if site.is_closed:
            yield url, "closed for maintenance"
        elif file is None:
            missing = "%s is not in the release: commit it, or leave it out of `static`" % path
            yield url, OK if url.endswith("/") else wrong(missing)
        else:
            below = quote(os.path.relpath(file, place)) if url.endswith("/") else ""
            yield _served(site, url + below, file)


def source(site: SiteLook) -> Iterator[Finding]:
    """Ask for files of the repository that are nobody's business, by ways that leak elsewhere."""
    names = [name for name in sorted(os.listdir(site.place)) if "/" + name not in site.static]
    names = [one for one in names if os.path.isfile(os.path.join(site.place, one))]
    paths = {"/" + quote(name): name for name in (*ALWAYS, *names[:MOST])}
    one = next((name for name in names if not name.startswith(".")), "")
    for url in (url for url in site.static if one and url.endswith("/")):
        paths["%s../%s" % (url[:-1], quote(one))] = one
        paths["%s../%s" % (url, quote(one))] = one
    given = [path for path, name in paths.items() if _gives(site, path, name)]
    yield ", ".join(paths), wrong("visitors get %s" % ", ".join(given) if given else "")


def _example(path: str) -> str | None:
    """Give the file, or one below the directory: rather a text that is worth compressing."""
    if os.path.isfile(path):
        return path
    found = []
    with contextlib.suppress(OSError, Failed):  # not there, or not reached without a link
        for name, status, _ in TreeWalk(path).entries():
            if stat.S_ISREG(status.st_mode):
                found.append(os.path.join(path, name))
                if _is_worth_it(name, status.st_size):
                    return found[-1]
    return next(iter(found), None)


def _is_compressed(file: str) -> bool:
    return _is_worth_it(file, os.path.getsize(file))


def _is_worth_it(name: str, size: int) -> bool:
    return name.endswith(TEXTS) and size >= SMALLEST


def _served(site: SiteLook, url: str, file: str) -> Finding:
    size = os.path.getsize(file)
    looked = "%s, %d bytes" % (url, size)
    try:
        plain = site.get(url)
        packed = site.get(url, Accept_Encoding="gzip")
    except OSError as error:
        return looked, wrong("no answer: %s" % error)
    said = _uncached(plain)
    if (plain.status, plain.headers.get("Content-Length")) != (200, str(size)):
        said = ["status %d, %s bytes" % (plain.status, plain.headers.get("Content-Length", "?"))]
    if _is_compressed(file):
        looked += ", gzip"
        if packed.headers.get("Content-Encoding") != "gzip":
            said.append("it is not compressed")
    return looked, wrong("; ".join(said))


def _uncached(reply: Reply) -> list[str]:
    told = reply.headers.get("Cache-Control", "nothing")
    good = told == HOUR and "Expires" in reply.headers
    return [] if good else ["kept for %s, not for an hour" % told]


def _gives(site: SiteLook, path: str, name: str) -> bool:
    """Tell whether a visitor gets what the file has; the app may well have a page of that name."""
    sign = SIGN.get(name) or (disk.read(os.path.join(site.place, name), HEAD) or b"").strip()
    try:
        reply = site.get(path)
    except OSError:
        return False
    return reply.status == 200 and bool(sign) and sign in reply.body
