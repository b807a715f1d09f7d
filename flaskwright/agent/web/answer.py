"""What visitors get through nginx: the app for its name, nothing for names that are nobody's."""

from __future__ import annotations

import os

from ..engine.errors import Failed, NotYet
from ..engine.handler import Handler, handles
from .http import HTTP, HTTPS, Reply, ask, loopback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..engine.handler import State


NOBODY = "unknown.invalid"  # RFC 2606: no such name can be anybody's
MISDIRECTED = 421  # RFC 9110
PATIENCE = 30.0  # seconds


@handles("answer")
class Answer(Handler):
    """The app answers over IPv4 and IPv6, and other names are refused."""

    keys = ("answers", "refuses")
    url_path: str

    def wanted(self) -> State:
        """Give answers and refuses: the site's name gets the app, any other name nothing."""
        return {"answers": True, "refuses": True}

    def actual(self) -> State:
        """Ask nginx on each loopback address; raises NotYet in a dry run before a release."""
        if self.run.checking and not os.path.exists(self.run.place.current):
            raise NotYet("the first release is live")
        return {
            "answers": not any(map(self._complaint, loopback())),
            "refuses": not any(let_in(self._ask, one, NOBODY) for one in loopback()),
        }

    def fix(self, differing: list[str]) -> None:
        """Say what is in the way; only a person can know what it is there for."""
        site, port = self.run.site, HTTPS if self.run.site.https else HTTP
        for address in loopback():
            complaint = self._complaint(address)
            if complaint:
                raise Failed(
                    "%s%s is not the app on %s" % (site.url, self.url_path, address),
                    complaint,
                    next="on the host: sudo nginx -T shows every site, sudo ss -ltnp who listens",
                )
            other = let_in(self._ask, address, NOBODY)
            if other:
                raise Failed(
                    "names that no site here has get an answer on %s" % address,
                    "%s; another site is the default_server of port %d" % (other, port),
                    next="on the host: grep -r default_server /etc/nginx",
                )

    def _complaint(self, address: str) -> str:
        """Compare what nginx answers with what the app does; empty where they agree."""
        host = self.run.site.host
        try:
            direct = self._ask(self.run.place.door, host)
        except OSError as error:
            return "the app itself gives no answer: %s" % error
        try:
            proxied = self._ask(address, host)
            plain = ask(address, self.url_path, host, PATIENCE)
        except OSError as error:
            return "no answer: %s" % error
        return _difference(direct, proxied) or self._no_redirect(plain)

    def _no_redirect(self, plain: Reply) -> str:
        """Say what is wrong with the answer over plain HTTP; empty where it leads to HTTPS."""
        leads = plain.headers.get("Location", "").startswith("https://")
        if not self.run.site.https or (plain.status == 301 and leads):
            return ""
        return "over plain HTTP there is no redirect to it, but status %d" % plain.status

    def _ask(self, address: str, name: str) -> Reply:
        return ask(address, self.url_path, name, PATIENCE, self.run.site.https)


def let_in(ask: Callable[..., Reply], *asked: Any) -> str:
    """Say what a stranger gets; empty for a closed link, or the word that it is no site of ours."""
    try:
        reply = ask(*asked)
    except ConnectionRefusedError:
        return "nothing listens"
    except ConnectionError:
        return ""
    except OSError as error:
        return str(error)
    if reply.status == MISDIRECTED:
        return ""
    return "%s answers %d" % (reply.headers.get("Server", "a server"), reply.status)


def _difference(direct: Reply, proxied: Reply) -> str:
    """Say what tells two answers apart; bodies may well differ, by the time or a token."""
    server = proxied.headers.get("Server", "a server without a name")
    if not server.startswith("nginx"):
        return "%s answers there" % server
    if proxied.status != direct.status:
        return "nginx answers %d there, the app %d" % (proxied.status, direct.status)
    types = [reply.headers.get("Content-Type", "nothing") for reply in (proxied, direct)]
    return "" if types[0] == types[1] else "nginx answers with %s, the app with %s" % tuple(types)
