"""The web as `verify` sees it: what each address of a site answers, without any network."""

from __future__ import annotations

from typing import Any

from flaskwright.agent.web.http import Reply

CAREFUL = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Referrer-Policy", "same-origin"),
]
HERE = "192.0.2.7"


class Web:
    """`pages` has the answer for (scheme, name, path), path `*` for every other one.

    What is not there is a closed link. `asked` is what visitors asked for.
    """

    def __init__(self) -> None:
        self.pages: dict[tuple[str, str, str], Reply | OSError] = {}
        self.asked: list[str] = []

    def put(self, url: str, status: int = 200, *fields: tuple[str, str], body: bytes = b"") -> None:
        scheme, _, rest = url.partition("://")
        name, slash, path = rest.partition("/")
        page = Reply(status, dict(fields), body, fields)
        self.pages[scheme, name, slash + path or "*"] = page

    def visit(
        self, address: str, path: str, name: str, https: bool = False, server: str = "", **more: str
    ) -> Reply:
        scheme = "https" if https else "http"
        self.asked.append(f"{scheme}://{name}{path}")
        found = self.pages.get((scheme, name, path)) or self.pages.get((scheme, name, "*"))
        if found is None:
            raise ConnectionResetError("the link was closed")
        if isinstance(found, OSError):
            raise found
        return packed(found) if "Accept_Encoding" in more else found


def packed(reply: Reply) -> Reply:
    """What a page is to somebody who takes it compressed, where its server does that."""
    if ("Vary", "Accept-Encoding") not in reply.fields:
        return reply
    return Reply(reply.status, {**reply.headers, "Content-Encoding": "gzip"}, b"", reply.fields)


def fields_of_site(**more: Any) -> dict[str, Any]:
    """The fields of `verify`."""
    site = {"directory": "", "health": "/health"}
    return {**site, "static": {}, "outbound": True, "trust": "", "graded": None, **more}
