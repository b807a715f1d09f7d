"""Visitors on a site while it is deployed, reloaded and rolled back: what they notice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.figures import Figure, Section, Target, tell
from bench.place import APP, HOST, NAME, NEAR, Place, commit
from bench.programs import ROOT, run

VISITORS = Path(__file__).with_name("visitors.py").read_text()
CLIENTS, RATE = 8, 900  # connections, requests a second
LEAST, TIMES = 100_000, 30  # requests; deploys, reloads and rollbacks
HTTPS = 443
REQUIREMENTS = "flask>=3.0\n"
PAUSE = 0.5  # seconds between two of them, in which only one release may answer
ROUTE = """
@app.get("/release")
def release() -> str:
    return os.environ["FLASKWRIGHT_RELEASE"]


@app.get("/")
"""


@dataclass
class Visits:
    """What the visitors saw: failures, the slowest request, (release, moment) of each answer."""

    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0
    answers: list[tuple[str, float]] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many there were."""
        return len(self.answers) + len(self.failures)

    def of_others(self, release: str, since: float, until: float) -> int:
        """How many answers came from another release, of those asked for between two moments."""
        meanwhile = (one for one, moment in self.answers if since < moment < until)
        return sum(one != release for one in meanwhile)


class Site:
    """The sample app on the host, which tells the release that answers."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.keys: dict[str, Any] = {}
        source = place.repository / "app.py"
        text = source.read_text()
        (place.repository / "requirements.txt").write_text(REQUIREMENTS)
        if ROUTE not in text:  # an earlier measurement of this run may have begun the same way
            source.write_text(text.replace('@app.get("/")\n', ROUTE, 1))
        self.deploy()

    def fab(self, *words: str) -> dict[str, Any]:
        """Run a command on the host; gives what `--json` says of it."""
        hosts = self.place.directory / "load.toml"
        hosts.write_text(self._hosts_toml())
        ssh = ("-S", self.place.ssh_config(NEAR))
        environment = {"FLASKWRIGHT_HOSTS": str(hosts)}
        done = run(ROOT / "fab", *ssh, "-H", HOST, *words, "--json", env=environment)
        told: dict[str, Any] = json.loads(done.out)["hosts"][HOST]
        return told

    def deploy(self, **keys: Any) -> str:
        """Commit something new and deploy it, with other keys of the app; gives the release."""
        self.keys.update(keys)
        (self.place.repository / "VERSION").write_text(f"{time.time_ns()}\n")
        commit(self.place.repository)
        release: str = self.fab("deploy")["facts"]["release"]
        return release

    def require(self, text: str) -> str:
        """Deploy with other requirements."""
        (self.place.repository / "requirements.txt").write_text(text)
        return self.deploy()

    @contextmanager
    def visited(self, rate: float = RATE, port: int = 80) -> Iterator[Visits]:
        """Have visitors all the while; what they saw is known at the end."""
        visits = Visits()
        given = (str(CLIENTS), str(rate), str(port), NAME)
        with self.place.meanwhile(VISITORS, *given) as found:
            yield visits
        vars(visits).update(found)

    def _hosts_toml(self) -> str:
        text = self.place.hosts_toml.read_text()
        given = "".join(f"{key} = {json.dumps(value)}\n" for key, value in self.keys.items())
        return text.replace(f"[apps.{APP}]\n", f"[apps.{APP}]\n{given}", 1)


def load(place: Place, runs: int) -> list[Section]:
    """At least 30 deploys, reloads and rollbacks, and at least 100,000 requests meanwhile."""
    site = Site(place)
    stays: list[tuple[str, float, float]] = []
    with site.visited() as visits:
        began = time.time()
        while len(stays) < TIMES or (time.time() - began) * RATE < LEAST * 1.1:
            name, act = ACTS[len(stays) % len(ACTS)]
            release, since = act(site), time.time()
            time.sleep(PAUSE)
            stays.append((release, since, time.time()))
            tell(f"load  {len(stays)}  {name}")
    late = sum(visits.of_others(*stay) for stay in stays)
    return [_section(visits, len(stays), late)]


def _section(visits: Visits, times: int, late: int) -> Section:
    enough = Target(f"≥ {LEAST:,}", visits.requests >= LEAST)
    failed = len(visits.failures)
    return Section(
        f"Visitors during {times} deploys, reloads and rollbacks, {CLIENTS} connections",
        [
            Figure("requests", [visits.requests], "", target=enough),
            Figure("failed requests", [failed], "", target=Target("0", not failed)),
            Figure("answers of another release", [late], "", target=Target("0", not late)),
            Figure("slowest request", [visits.slowest]),
        ],
    )


def rollback(site: Site) -> str:
    """Roll back; gives the release."""
    release: str = site.fab("rollback")["facts"]["release"]
    return release


def reload(site: Site) -> str:
    """Renew the workers; gives the release."""
    answer = site.fab("reload")["outcomes"][0]["answer"]
    release: str = answer["release"]
    return release


ACTS: tuple[tuple[str, Callable[[Site], str]], ...] = (
    ("code", lambda site: site.deploy()),
    ("reload", reload),
    ("code", lambda site: site.deploy()),
    ("rollback", rollback),
    ("dependency", lambda site: site.require(REQUIREMENTS + "itsdangerous\niniconfig\n")),
    ("reload", reload),
    ("environment", lambda site: site.deploy(threads=3)),
    ("gunicorn's version", lambda site: site.require(REQUIREMENTS + "gunicorn==25.0.3\n")),
    ("unit", lambda site: site.deploy(drain=29)),
    ("rollback", rollback),
    ("unit and gunicorn", lambda site: (site.keys.clear(), site.require(REQUIREMENTS))[1]),
    ("code", lambda site: site.deploy()),
)
