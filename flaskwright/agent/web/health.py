"""Whether an app is well, by its answer to the health path: one rule for all who ask."""

from __future__ import annotations

import re

from ..common.text import clean, cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Tuple

    from ..common.site import Site
    from .http import Reply

    Get = Callable[..., Reply]  # path, whether by HTTPS, headers by name -> the answer

    Place = Tuple[str, bool]


HOPS = 5  # redirects that are followed
REDIRECTS = (301, 302, 303, 307, 308)
LINES, WIDTH = 3, 200  # of a page that are shown, and characters of each
UNSEEN = re.compile(r"(?is)<(script|style|head)\b.*?</\1>|<[^>]*>")
SAFE = "!#$%&'()*+,/:;=?@[]~"  # what a URL that is written already keeps (RFC 3986)


class Health:
    """The health path, and the statuses that are `expected`; none: 200 to 399.

    A redirect within the site is followed, to the same name by HTTPS too, and where it ends is what
    counts. One that leads off the site, such as to a login elsewhere, counts by its own status. A
    status that is expected by name counts where it comes.

    status: of the last answer. said: the first lines of one that was not well.
    """

    def __init__(self, path: str, expected: Sequence[int] = ()) -> None:
        self.path = path
        self.expected = expected
        self.status = 0
        self.said: list[str] = []
        self._way: list[Place] = []
        self._cookies: dict[str, str] = {}

    @property
    def way(self) -> str:
        """Say where it has led so far, as a sentence that goes on: `/ leads to /login, which`."""
        paths = [path.partition("?")[0] for path, _ in self._way] or [self.path]
        more = "".join(" leads to %s, which" % path for path in paths[1:])
        return paths[0] + more

    def complaint(self, get: Get, site: Site) -> str:
        """Ask, and say what is wrong; empty: nothing. Raises OSError where no answer comes."""
        self._way, self._cookies, self.said = [(self.path, site.https)], {}, []
        while True:
            path, secure = self._way[-1]
            reply = get(path, secure, **self._fields())
            self.status = reply.status
            to = None if reply.status in self.expected else self._leads(reply, site.host)
            if to is None:
                return self._judged(reply)
            if to in self._way:
                return "%s leads to %s again" % (self.way, to[0].partition("?")[0])
            if len(self._way) > HOPS:
                return "%s leads on and on" % self.way
            self._way.append(to)

    def complaint_at(self, ask: Callable[..., Reply], address: str, site: Site) -> str:
        """Do the same as the proxy asks, at a socket or an address of this host."""

        def get(path: str, secure: bool, **fields: Any) -> Reply:
            return ask(address, path, site.host, https=secure, **fields)

        return self.complaint(get, site)

    def trouble_at(self, ask: Callable[..., Reply], address: str, site: Site) -> str:
        """Do the same where no answer is trouble as well."""
        try:
            return self.complaint_at(ask, address, site)
        except OSError as error:
            return self.unanswered(error)

    def unanswered(self, error: OSError) -> str:
        """Say which address gave no answer, with the error."""
        return "%s gives no answer: %s" % (self.way, error)

    def _judged(self, reply: Reply) -> str:
        good = reply.status in self.expected if self.expected else 200 <= reply.status < 400
        if good:
            return ""
        self.said = _first_lines(reply)
        return "%s answers %d" % (self.way, reply.status)

    def _leads(self, reply: Reply, host: str) -> Place | None:
        """Give where a redirect leads within the site; None for one that does not, and no other."""
        from urllib.parse import quote, urljoin, urlsplit  # slow to import, and seldom needed

        location = reply.headers.get("Location", "")
        if reply.status not in REDIRECTS or not location:
            return None
        path, secure = self._way[-1]
        here = "%s://%s%s" % ("https" if secure else "http", host, path)
        try:
            parts = urlsplit(urljoin(here, location))
        except ValueError:  # no URL at all
            return None
        usual = {"http": ":80", "https": ":443"}.get(parts.scheme)
        if usual is None or parts.netloc.lower() not in (host.lower(), host.lower() + usual):
            return None
        self._keep_cookies(reply)
        path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        return quote(path, SAFE), parts.scheme == "https"

    def _fields(self) -> dict[str, str]:
        cookies = "; ".join("%s=%s" % pair for pair in self._cookies.items())
        return {"Cookie": cookies} if cookies else {}

    def _keep_cookies(self, reply: Reply) -> None:
        """Keep them as a browser does, which some apps lead round in circles without."""
        for name, text in reply.fields:
            pair = text.partition(";")[0]
            if name == "Set-Cookie" and "=" in pair and pair.isascii():
                key, _, value = pair.partition("=")
                self._cookies[key.strip()] = value.strip()


def _first_lines(reply: Reply) -> list[str]:
    """Give the first lines of a page as a reader sees them, and where it would lead."""
    from html import unescape  # slow to import, and seldom needed

    seen = UNSEEN.sub("\n", reply.body.decode("utf-8", "replace"))
    lines = [" ".join(clean(line).split()) for line in unescape(seen).split("\n")]
    to = reply.headers.get("Location")
    told = ["leads to %s" % clean(to)] if to else []
    return [cut(line, WIDTH) for line in [*told, *filter(None, lines)][: LINES + len(told)]]
