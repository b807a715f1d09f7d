"""Visitors on a site while it is deployed, reloaded and rolled back, with WebSockets open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.figures import Figure, Section, Target, tell
from bench.load import CLIENTS, Site, Visits, reload, rollback
from bench.place import NAME, Place

TALKERS = Path(__file__).with_name("socket_visitors.py").read_text()
SOCKETS, RATE = 20, 300  # WebSockets, requests for pages a second
DRAIN = 2  # seconds that they stay open once the new release serves
LONGEST = 1.0  # second that a visitor is without a WebSocket
REQUIREMENTS = "flask>=3.0\nflask-sock\n"
ROUTE = """

from flask_sock import Sock


@Sock(app).route("/echo")
def echo(link):
    while True:
        link.send(link.receive())
"""
ACTS: tuple[tuple[str, Callable[[Site], str]], ...] = (
    ("code", lambda site: site.deploy()),
    ("reload", reload),
    ("environment", lambda site: site.deploy(threads=60)),
    ("rollback", rollback),
    ("code", lambda site: site.deploy()),
    ("rollback", rollback),
)


def sockets(place: Place, runs: int) -> list[Section]:
    """Each act once for each run, at most three times, with visitors of both kinds meanwhile."""
    site = Site(place)
    source = place.repository / "app.py"
    source.write_text(source.read_text() + ROUTE)
    site.keys.update(drain=DRAIN)
    site.require(REQUIREMENTS)
    acts = ACTS * min(runs, 3)
    talking = place.meanwhile(TALKERS, str(SOCKETS), NAME)
    with site.visited(RATE) as visits, talking as talked:
        for number, (name, act) in enumerate(acts, 1):
            act(site)
            tell(f"sockets  {number}/{len(acts)}  {name}")
    return [_section(visits, talked, len(acts))]


def _section(visits: Visits, talked: dict[str, Any], times: int) -> Section:
    failed, lost = len(visits.failures), len(talked["failures"])
    soon = Target(f"< {LONGEST:.0f} s", talked["longest"] < LONGEST)
    return Section(
        f"Visitors during {times} deploys, reloads and rollbacks, {CLIENTS} connections and "
        f"{SOCKETS} WebSockets",
        [
            Figure("requests", [visits.requests], ""),
            Figure("failed requests", [failed], "", target=Target("0", not failed)),
            Figure("slowest request", [visits.slowest]),
            Figure("echoes", [talked["echoes"]], "", beside=f"{talked['cuts']} times cut"),
            Figure("failed echoes", [lost], "", target=Target("0", not lost)),
            Figure("longest time without a WebSocket", [talked["longest"]], target=soon),
        ],
    )
