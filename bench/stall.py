"""How long a visitor waits while an app that is slow to import is deployed, by each road."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from bench.figures import Figure, Section, Target, tell
from bench.load import Site, Visits
from bench.place import NEAR, Place
from bench.programs import run

IMPORT = 5  # seconds
RATE = 100  # requests a second
FUTURE = "from __future__ import annotations\n"  # has to come first in a module
PATIENT = 0.5  # seconds
PORT = 8081  # of the app as the guide has it
# The unit of the guide's heading "Configure as system service", for the release that is live.
BY_HAND = f"""
cat >/etc/systemd/system/byhand.service <<END
[Service]
User=guestbook
Group=www-data
RuntimeDirectory=byhand
Environment=DATABASE=/srv/guestbook/shared/by-hand.db FLASKWRIGHT_RELEASE=by-hand
WorkingDirectory=/srv/guestbook/current/code
ExecStart=/srv/guestbook/current/.venv/bin/gunicorn --workers=2 --threads=4 \\
    --no-control-socket --bind=unix:/run/byhand/app.sock app:app
ExecReload=/bin/kill -s HUP \\$MAINPID
END
cat >/etc/nginx/conf.d/byhand.conf <<END
server {{
    listen 127.0.0.1:{PORT};
    location / {{ proxy_pass http://unix:/run/byhand/app.sock; }}
}}
END
systemctl daemon-reload
systemctl start byhand
systemctl reload nginx
"""


def stall(place: Place, runs: int) -> list[Section]:
    """One deploy by each road, and the slowest request meanwhile."""
    site = Site(place)
    source = place.repository / "app.py"
    source.write_text(
        f"import time\ntime.sleep({IMPORT})\n{source.read_text()}".replace(FUTURE, "")
    )
    site.deploy()
    figures = [
        _figure("`./fab deploy`", _during(site, site.deploy), PATIENT),
        _figure("`./fab deploy`, `cutover = restart`", _during(site, _restart(site))),
        *_as_the_guide_has_it(site),
    ]
    return [
        Section(f"The slowest request while an app that imports for {IMPORT} s is renewed", figures)
    ]


def _restart(site: Site) -> Callable[[], object]:
    return lambda: site.deploy(cutover="restart")


def _as_the_guide_has_it(site: Site) -> Iterator[Figure]:
    run(*site.place.ssh(NEAR, "sudo sh -s"), given=BY_HAND.encode())
    time.sleep(IMPORT + 2)
    for verb, name in (("reload", "a plain HUP"), ("restart", "the guide's unit, restarted")):
        command = site.place.ssh(NEAR, f"sudo systemctl {verb} byhand")
        yield _figure(name, _during(site, lambda argv=command: run(*argv), PORT))


def _during(site: Site, act: Callable[[], object], port: int = 80) -> Visits:
    with site.visited(RATE, port) as visits:
        time.sleep(1)
        act()
        time.sleep(IMPORT + 2)
    tell(f"stall  slowest {visits.slowest:.2f} s, failed {len(visits.failures)}")
    return visits


def _figure(name: str, visits: Visits, most: float = 0.0) -> Figure:
    said = f"{len(visits.failures)} of {visits.requests:,} requests failed"
    reached = visits.slowest < most and not visits.failures
    target = Target(f"< {most} s, 0 failed", reached) if most else None
    return Figure(name, [visits.slowest], beside=said, target=target)
