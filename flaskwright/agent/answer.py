"""What visitors get through nginx: the app for its name, nothing for names that are nobody's."""

from __future__ import annotations

import os

from .asking import Reply, ask
from .handler import Failed, Handler, NotYet, handles
from .service import SOCKET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State

NOBODY = "unknown.invalid"  # RFC 2606: no such name can be anybody's
PATIENCE = 30.0  # seconds


@handles("answer")
class Answer(Handler):
    """The app answers over IPv4 and IPv6, and other names are refused."""

    keys = ("answers", "refuses")
    app: str
    url_path: str
    host_header: str

    def wanted(self) -> State:
        """Both."""
        return {"answers": True, "refuses": True}

    def actual(self) -> State:
        """Ask nginx as visitors do."""
        if self.run.checking and not os.path.exists("/srv/%s/current" % self.app):
            raise NotYet("the first release is live")
        return {
            "answers": not any(map(self._complaint, _addresses())),
            "refuses": not any(map(_answer_to_nobody, _addresses())),
        }

    def fix(self, differing: list[str]) -> None:
        """Say what is in the way; only a person can know what it is there for."""
        for address in _addresses():
            complaint = self._complaint(address)
            if complaint:
                raise Failed(
                    "http://%s%s is not the app on %s" % (self.host_header, self.url_path, address),
                    complaint,
                    next="on the host: sudo nginx -T shows every site, sudo ss -ltnp who listens",
                )
            other = _answer_to_nobody(address)
            if other:
                raise Failed(
                    "names that no site here has get an answer on %s" % address,
                    "%s; another site is the default_server of port 80" % other,
                    next="on the host: grep -r default_server /etc/nginx",
                )

    def _complaint(self, address: str) -> str:
        """Compare what nginx answers with what the app does; empty where they agree."""
        try:
            direct = ask(SOCKET % self.app, self.url_path, self.host_header, PATIENCE)
        except OSError as error:
            return "the app itself gives no answer: %s" % error
        try:
            proxied = ask(address, self.url_path, self.host_header, PATIENCE)
        except OSError as error:
            return "no answer: %s" % error
        return _difference(direct, proxied)


def _difference(direct: Reply, proxied: Reply) -> str:
    """Say what tells two answers apart; bodies may well differ, by the time or a token."""
    server = proxied.headers.get("Server", "a server without a name")
    if not server.startswith("nginx"):
        return "%s answers there" % server
    if proxied.status != direct.status:
        return "nginx answers %d there, the app %d" % (proxied.status, direct.status)
    types = [reply.headers.get("Content-Type", "nothing") for reply in (proxied, direct)]
    return "" if types[0] == types[1] else "nginx answers with %s, the app with %s" % tuple(types)


def _answer_to_nobody(address: str) -> str:
    """Ask for a name that is nobody's; gives what was answered, empty for a closed connection."""
    try:
        reply = ask(address, "/", NOBODY, PATIENCE)
    except ConnectionError as error:
        return "" if not isinstance(error, ConnectionRefusedError) else "nothing listens"
    except OSError as error:
        return str(error)
    return "%s answers %d" % (reply.headers.get("Server", "a server"), reply.status)


def _addresses() -> list[str]:
    """Give the host's loopback addresses; IPv6 may be turned off."""
    try:
        with open("/proc/net/if_inet6", encoding="ascii") as file:
            has_ipv6 = "0" * 31 + "1 " in file.read()
    except FileNotFoundError:
        has_ipv6 = False
    return ["127.0.0.1", "::1"] if has_ipv6 else ["127.0.0.1"]
