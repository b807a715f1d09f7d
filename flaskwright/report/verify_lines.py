"""What `verify` has looked at: what is well in a table, then what is not, each with a cure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flaskwright.agent.common.text import one_line

from . import columns, hints
from .width import fit, wrapped

if TYPE_CHECKING:
    from ..inventory import Host

Row = dict[str, str]
WRONG = "wrong: "  # begins the state of what is not as it should be
DEPLOY = "./fab -H {host} deploy"
MINE = "./fab -H {host} deploy puts it back; what somebody changed there by hand is lost"
LOGS = "./fab -H {host} logs -n 50 shows what the app says"
LISTENS = "on the host: sudo ss -ltnp shows who listens, sudo nginx -T every site"
# heading, a pattern in what is wrong, what cures it; the first that fits
CURES = (
    ("transaction", "", "./fab -H {host} attach follows it, or shows how it ended"),
    ("manifest", "no rollback leads", "none is needed: the next deploys remove it"),
    ("manifest", "", MINE),
    ("processes", "what runs is", "./fab -H {host} gunicorn.restart, then verify again"),
    ("processes", "should have ended", "./fab -H {host} gunicorn.restart, then verify again"),
    ("processes", "does not listen", "./fab -H {host} gunicorn.start"),
    ("processes", "", LOGS),
    ("permissions", "not mounted", "on the host: sudo mount it, then verify again"),
    ("permissions", "", "plug it in, or take it out of `permissions` in hosts.toml"),
    ("outbound", "no filter", DEPLOY),
    ("outbound", "cannot filter", "a kernel with BPF for control groups, or `outbound = true`"),
    ("outbound", "", "on the host: python3 and systemd-run have to work for root"),
    ("nginx", "", "./fab -H {host} nginx.reload"),
    ("site", "refused", "./fab -H {host} nginx.start, or nginx.status"),
    ("site", "it answers 5", LOGS),
    ("site", "it answers", "`health` in hosts.toml: a path that answers 200, or the app"),
    ("site", "", LISTENS),
    ("redirect", "", f"{DEPLOY}; {LISTENS}"),
    ("certificate", "not renewed", "./fab -H {host} certs.renew; certs.status says why"),
    ("certificate", "self.signed|local issuer|unable to get", "`acme.ca` in hosts.toml: the file "
     "with its authority, where that is one of your own; else ./fab -H {host} certs.issue --force"),
    ("certificate", "expired", "./fab -H {host} certs.renew --force"),
    ("certificate", "not yet valid", "the host's clock: sudo timedatectl set-ntp true"),
    ("certificate", "match|not valid for", "./fab -H {host} deploy orders one for all its names"),
    ("certificate", "", "./fab -H {host} certs.status"),
    ("headers", "Strict-Transport-Security", "./fab -H {host} deploy; the app may send one, too"),
    ("headers", "sent not", DEPLOY),
    ("headers", "times", "the app sends it, too: leave it to one of both"),
    ("headers", "", LISTENS),
    ("static files", "not in the release", "commit it, or leave it out of `static`"),
    ("static files", "", DEPLOY),
    ("links", "", "remove the link, and what it leads to from where the app may write"),
    ("unknown names", "", "on the host: grep -r default_server /etc/nginx shows the other site"),
    ("source files", "", "`static` in hosts.toml leads too far up: name a directory of its own"),
    ("URL", "no address", "an A record for the name, at whoever has its domain: {place}"),
    ("URL", "warn", "./fab -H {host} certs.status"),
    ("URL", "", "a firewall or the router between here and there: port 80 and 443 have to be open"),
    ("TLS grade", "", "`tls` in hosts.toml, then ./fab -H {host} deploy"),
)  # fmt: skip


def lines(answer: dict[str, Any], host: Host, room: int | None) -> Iterator[str]:
    """Yield what is well, what is not, and how much of either; None for `room`: however long."""
    rows: list[Row] = answer["checks"]
    bad = [row for row in rows if row["state"].startswith(WRONG)]
    good = [tuple(map(str, row.values())) for row in rows if row not in bad]
    for line in columns.aligned([("heading", "looked at", "state"), *good]):
        yield fit(line, room) if room else line
    for row in bad:
        yield from wrapped("", one_line(f"{row['heading']}  {row['looked at']}"), room)
        yield from wrapped("  ", one_line(row["state"]), room)
        yield from wrapped("  next   ", cure(row, host), room)
    if not bad:
        yield f"all of {len(rows)} as they should be"


def cure(row: Row, host: Host) -> str:
    """Return what to do about a row that is not as it should be."""
    for heading, pattern, advice in CURES:
        if heading == row["heading"] and re.search(pattern, row["state"]):
            return hints.as_typed(advice.format(host=host.name, place=host.place))
    return hints.as_typed(DEPLOY.format(host=host.name))
