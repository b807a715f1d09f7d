"""Who reaches the site, and who does not: names, redirects, the certificate, headers."""

from __future__ import annotations

import re
import time

from ...web.answer import NOBODY, let_in
from ...web.health import Health
from ...web.visit import ask_certificate, visit
from .findings import wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from ...web.http import Reply
    from .findings import Finding
    from .site import SiteLook


ASKED = "/flaskwright-verify?a=b"  # no app has anything there
ONCE = ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy")
HSTS = "Strict-Transport-Security"
WELL_FORMED = re.compile(r"(?i)max-age=\d+(\s*;\s*(includeSubDomains|preload))*$")  # RFC 6797
LEAST = 0.25  # of a certificate's lifetime; by then it should have been renewed


def answers(look: SiteLook) -> Iterator[Finding]:
    """Ask for the health path at every address of the host."""
    for address in look.addresses:
        looked = "%s%s at %s" % (look.site.url, look.health, address)
        said = _unwell(look, address)
        if look.is_closed and (look.health == "/" or " leads to " in said):
            yield looked, "closed for maintenance"
        else:
            yield looked, wrong(said)


def redirects(look: SiteLook) -> Iterator[Finding]:
    """Ask for every other address of the site: all lead to the one."""
    others = [("http", look.site.host)] if look.site.https else []
    others += [(scheme, name) for name in look.site.aliases for scheme in _schemes(look)]

    def leads(reply: Reply) -> str:
        to = reply.headers.get("Location", "nowhere")
        good = (reply.status, to) == (301, look.site.url + ASKED)
        return "" if good else "status %d, to %s" % (reply.status, to)

    for scheme, name in others:
        said = _complaint(leads, visit, look.addresses[0], ASKED, name, scheme == "https")
        yield "%s://%s -> %s" % (scheme, name, look.site.url), wrong(said)


def certificates(look: SiteLook) -> Iterator[Finding]:
    """Look at the certificate as a browser does, for every name."""
    for name in (look.site.host, *look.site.aliases) if look.site.https else ():
        try:
            found = ask_certificate(look.addresses[0], name, look.trust)
        except OSError as error:
            yield name, wrong(str(error))
            continue
        begin, end = _seconds(found["notBefore"]), _seconds(found["notAfter"])
        left = end - time.time()
        days = "%.1f of %.0f days left" % (left / 86400, (end - begin) / 86400)
        late = left < LEAST * (end - begin)
        yield "%s, by %s, %s" % (name, _issuer(found), days), wrong("not renewed" if late else "")


def headers(look: SiteLook) -> Iterator[Finding]:
    """Count the headers that make a browser careful, on a page and on an error."""
    if not look.site.https:
        return
    for path in (look.health, ASKED):
        try:
            fields = look.get(path).fields
        except OSError as error:
            yield path, wrong(str(error))
            continue
        counted = [(name, [key for key, _ in fields].count(name)) for name in ONCE]
        said = ["%s is sent %s" % (name, _times(count)) for name, count in counted if count != 1]
        hsts = [text for key, text in fields if key == HSTS]
        if hsts and not (len(hsts) == 1 and WELL_FORMED.match(hsts[0])):
            said.append("%s: %s" % (HSTS, ", ".join(hsts)))
        sent = ", ".join((*ONCE, HSTS) if hsts else ONCE)
        yield "%s: %s" % (path.partition("?")[0], sent), wrong("; ".join(said))


def strangers(look: SiteLook) -> Iterator[Finding]:
    """Ask for a name that is nobody's, at every address and port."""
    for address in look.addresses:
        for scheme in _schemes(look):
            said = let_in(visit, address, "/", NOBODY, scheme == "https")
            yield "%s://%s at %s" % (scheme, NOBODY, address), wrong(said)
        if look.site.https:
            within = "%s in a connection for %s" % (NOBODY, look.site.host)
            said = let_in(visit, address, "/", NOBODY, True, look.site.host)
            yield "%s at %s" % (within, address), wrong(said)


def _complaint(judge: Callable[[Reply], str], ask: Callable[..., Reply], *asked: Any) -> str:
    try:
        return judge(ask(*asked))
    except OSError as error:
        return "no answer: %s" % error


def _unwell(look: SiteLook, address: str) -> str:
    health = Health(look.health, look.expected)

    def get(path: str, secure: bool, **fields: Any) -> Reply:
        return visit(address, path, look.site.host, secure, **fields)

    try:
        return health.complaint(get, look.site)
    except OSError as error:
        return health.unanswered(error)


def _schemes(look: SiteLook) -> tuple[str, ...]:
    return ("http", "https") if look.site.https else ("http",)


def _times(count: int) -> str:
    return "%d times" % count if count else "not"


def _issuer(found: dict[str, Any]) -> str:
    names = dict(pair for part in found["issuer"] for pair in part)
    return str(names.get("organizationName") or names.get("commonName", "nobody"))


def _seconds(text: str) -> float:
    import ssl

    return ssl.cert_time_to_seconds(text)
