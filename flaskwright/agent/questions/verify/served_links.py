"""Links in the trees that nginx serves by itself, tried as a visitor: none may lead out of them."""

from __future__ import annotations

import base64
import json
import os
import pwd
import sys
from urllib.parse import quote

from ...engine.errors import Failed
from ...releases.code import is_within
from ...system.link_target import Steps, way_out
from ...system.seal import plain
from ...system.tree_walk import TreeWalk
from . import readable_by_nginx
from .findings import wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Dict

    from .findings import Finding
    from .site import SiteLook

    Readable = Dict[str, Dict[str, str]]


USERS = ("www-data", "nobody")  # nginx's on Debian, or one with as few rights
TRIED = 20  # links of a tree
SHOWN = 3  # of those that visitors get through
ADVICE = "%s, by a link: remove it. A deploy has nginx follow none; the app itself still may"


def links(site: SiteLook) -> Iterator[Finding]:
    """Look for links that lead out of what is served, and ask for what is behind them."""
    places = {url: os.path.join(site.place, path) for url, path in site.static.items()}
    trees = [] if site.is_closed else [(url, places[url].rstrip("/")) for url in sorted(places)]
    for url, place in trees:  # grows: what is shared within a tree is one of its own
        one = _Tree(site, url, place)
        one.look()
        trees += one.shared
        part = "" if one.whole else " in the part that was looked at"
        looked = "%s: %d links that lead out%s" % (url, len(one.found), part)
        yield looked, wrong(_given(site, one.found))


class _Tree:
    """A file or directory that nginx serves at a URL, which ends with "/" for a directory.

    `found` has the links in it that lead out, each with its URL; `shared` what is a link of ours
    to what the app may write, by URL and place.
    """

    def __init__(self, site: SiteLook, url: str, place: str) -> None:
        self.url, self.place = url, place
        self.ours = site.run.place.shared + "/"
        self.code = os.path.realpath(os.path.join(site.run.place.current, "code"))
        self.is_code = is_within(self.code, os.path.realpath(place))
        self.whole = True
        self.found: dict[str, str] = {}
        self.shared: list[tuple[str, str]] = []

    def look(self) -> None:
        """Walk through it; where that cannot be, its own place may be a link."""
        walk = TreeWalk(self.place)
        try:
            self._judge({path: target for path, _, target in walk.entries() if target})
        except (OSError, Failed) as error:
            if isinstance(error, Failed) or os.path.islink(self.place):
                self._judge_place()
        self.whole = walk.whole

    def _judge_place(self) -> None:
        target = os.readlink(self.place) if os.path.islink(self.place) else ""
        if target.startswith(self.ours) and not self.place.startswith(self.ours):
            self.shared.append((self.url, target))
        elif not is_within(self.code, os.path.realpath(self.place)):
            self.found[self.place] = self.url.rstrip("/")

    def _judge(self, texts: dict[str, str]) -> None:
        steps = Steps()
        for path, target in texts.items():
            place, url = os.path.join(self.place, path), self.url + quote(path)
            if self.is_code and target.startswith(self.ours):
                self.shared.append((url + "/" if os.path.isdir(target) else url, target))
            elif self.is_code and is_within(self.code, os.path.realpath(place)):
                continue
            elif self.is_code or way_out(path, texts, steps):
                self.found[place] = url


def _given(site: SiteLook, found: dict[str, str]) -> str:
    """Say what visitors get by way of links; "" when they get nothing."""
    tried = dict(list(found.items())[:TRIED])
    got = [
        "visitors get " + plain(one["file"])
        for place, one in (_readable(site, list(tried)) if tried else {}).items()
        if _is_given(site, tried[place] + quote(one["file"][len(place) :]), one["head"])
    ]
    more = " and %d more" % (len(got) - SHOWN) if len(got) > SHOWN else ""
    return ADVICE % (", ".join(got[:SHOWN]) + more) if got else ""


def _readable(site: SiteLook, places: list[str]) -> Readable:
    """Give what nginx could read behind each link, looked at with no more than its rights."""
    names = {account.pw_name for account in pwd.getpwall()}
    user = next((name for name in USERS if name in names), None)
    source = readable_by_nginx.__spec__.loader.get_source(readable_by_nginx.__name__)  # type: ignore
    argv = [sys.executable or "/usr/bin/python3", "-I", "-c", source]
    given = json.dumps(places).encode("ascii")
    output = site.run.command(argv, check=False, user=user, input=given, timeout=30)
    readable: Readable = {} if output.status else json.loads(output.out)
    return readable


def _is_given(site: SiteLook, url: str, head: str) -> bool:
    try:
        reply = site.get(url)
    except OSError:
        return False
    return reply.status == 200 and reply.body.startswith(base64.b64decode(head))
