"""The answer to a certificate authority that asks for a name, and a look whether it comes out."""

from __future__ import annotations

import contextlib
import os

from ..engine.errors import Failed
from ..system import disk
from ..system.checks import checked
from ..web.http import ask, loopback
from ..web.nginx import server as nginx

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..engine.run import Run


PLACE = "/.well-known/acme-challenge/"
PATIENCE = 5.0  # seconds for an answer
BLOCK = "/etc/nginx/conf.d/flaskwright-challenge.conf"
SERVER = """\
# Made by Flaskwright: names whose certificate is being asked for; gone once that is done.
server {
    listen 80;
    listen [::]:80;
    server_name %s;
    include snippets/flaskwright-acme.conf;
}
"""


@contextlib.contextmanager
def answered(run: Run, names: Sequence[str], webroot: str) -> Iterator[None]:
    """Have nginx answer an authority that asks for any of the names.

    A name that has no site yet, or one of somebody's own that does not answer, gets a server block
    of its own for as long as this lasts.
    """
    silent = _silent(names, webroot)
    if silent and not nginx.is_live():
        nginx.reload(run)
        silent = _silent(names, webroot)
    if not silent:
        yield
        return
    _publish(run, sorted({name for name, _ in silent}))
    try:
        if _silent(names, webroot):
            raise _unanswered(_silent(names, webroot))
        yield
    finally:
        disk.remove(BLOCK)
        nginx.reload(run)


def _publish(run: Run, names: Sequence[str]) -> None:
    text = SERVER % " ".join('"%s"' % name for name in names)

    def put(path: str) -> None:
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    checked("nginx", run, BLOCK, put)
    disk.write(BLOCK, text.encode("ascii"))
    nginx.reload(run)


def _silent(names: Sequence[str], webroot: str) -> list[tuple[str, str]]:
    """Ask nginx for each name; gives those that are not answered, and what is said instead."""
    with nonce(webroot) as laid:
        asked = [(name, complaint(one, name, laid)) for name in names for one in loopback()]
    return [(name, said) for name, said in asked if said]


def _unanswered(silent: list[tuple[str, str]]) -> Failed:
    return Failed(
        "nginx does not answer the authority for %s" % silent[0][0],
        "another server block takes its name, and has no %s" % PLACE,
        sorted({"%s: %s" % pair for pair in silent}),
        "on the host: sudo nginx -T shows every site",
    )


@contextlib.contextmanager
def nonce(webroot: str) -> Iterator[str]:
    """Lay a file that only this host can have where certbot lays its own; gives its name."""
    name = "flaskwright-%s" % os.urandom(16).hex()
    disk.write(webroot + PLACE + name, name.encode("ascii"))
    try:
        yield name
    finally:
        disk.remove(webroot + PLACE + name)


def complaint(address: str, name: str, laid: str) -> str:
    """Ask an address for that file; gives what is wrong with the answer, empty for nothing."""
    try:
        reply = ask(address, PLACE + laid, name, PATIENCE)
    except OSError as error:
        return "no answer: %s" % (error.strerror or error)
    if reply.body.decode("latin-1").strip() == laid:
        return ""
    return "%s answers %d" % (reply.headers.get("Server", "a server"), reply.status)
