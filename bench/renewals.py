"""Visitors over HTTPS while the certificate is renewed, again and again: what they notice."""

from __future__ import annotations

import time

from bench import place as places
from bench.figures import Figure, Section, Target, tell
from bench.load import CLIENTS, HTTPS, Site, Visits
from bench.place import Place
from bench.programs import BenchError

RATE = 250  # requests a second, each with a handshake of its own
LEAST, TIMES = 20_000, 10  # requests; renewals


def renewals(place: Place, runs: int) -> list[Section]:
    """At least 10 renewals, and at least 20,000 requests meanwhile."""
    site = Site(places.with_https(place))
    times = 0
    with site.visited(RATE, HTTPS) as visits:
        began = time.time()
        while times < TIMES or (time.time() - began) * RATE < LEAST * 1.1:
            _renew(site)
            times += 1
            tell(f"renewals  {times}")
    return [_section(visits, times)]


def _renew(site: Site) -> None:
    answer = site.fab("certs.renew", "--force")["outcomes"][0]["answer"]
    if answer["renewed"] != "yes":
        raise BenchError(f"certs.renew --force did not renew: {answer}")


def _section(visits: Visits, times: int) -> Section:
    failed = len(visits.failures)
    enough = Target(f"≥ {LEAST:,}", visits.requests >= LEAST)
    return Section(
        f"Visitors over HTTPS during {times} renewals of the certificate, {CLIENTS} connections",
        [
            Figure("requests", [visits.requests], "", target=enough),
            Figure("failed requests", [failed], "", target=Target("0", not failed)),
            Figure("slowest request", [visits.slowest]),
        ],
    )
