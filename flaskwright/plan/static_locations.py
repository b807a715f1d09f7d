"""What nginx serves by itself of an app: locations, each with the tree that it may not leave."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..inventory import App

PLAIN = re.compile(r"[A-Za-z0-9._@+/-]+")  # what needs no quotes in nginx's configuration


@dataclass(frozen=True)
class Served:
    """A location of nginx; `url` and `alias` end with "/" both or neither.

    Below `tree`, which only root can put elsewhere, nginx follows no link.
    """

    url: str
    alias: str
    tree: str


def served(app: App) -> list[Served]:
    """Return the locations of `static`, and one of its own for each shared path below them.

    What is shared is a link in the release, so nginx is sent to where that leads.
    """
    found = {url: _served(app, url, path) for url, path in app.static.items()}
    for url, path in app.static.items():
        for below, shared in _shared_below(app, url, path):
            found.setdefault(below, _served(app, below, shared))
    return list(found.values())


def _shared_below(app: App, url: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield URL and path of what is shared; without a "/" it may be a file or a directory."""
    for shared in app.shared:
        if url.endswith("/") and shared.startswith(path) and PLAIN.fullmatch(shared):
            for one in dict.fromkeys((shared, shared.rstrip("/") + "/")):
                yield url + one.removeprefix(path), one


def _served(app: App, url: str, path: str) -> Served:
    if any(f"{path}/".startswith(f"{shared.rstrip('/')}/") for shared in app.shared):
        return Served(url, f"{app.place.shared}/{path}", f"{app.place.shared}/")
    code = f"{app.place.current}/code/"
    return Served(url, f"{code}{app.directory + '/' if app.directory else ''}{path}", code)
