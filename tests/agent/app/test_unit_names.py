"""What apps are named, and what is named by us, on one host: no two of these meet."""

import itertools
from collections import Counter
from types import SimpleNamespace

from flaskwright.agent.app.unit_names import known, ours
from flaskwright.agent.processes.slots import SLOTS, Service
from flaskwright.agent.system.lock import EARLIER, HOST, lock_paths
from flaskwright.config.names import APP_NAME
from flaskwright.plan.templates import ROOT

STATE = "/var/lib/flaskwright"
WORDS = ("lock", "recover", "canary", "try", "transaction", "flaskwright", "blog", "default", "tls")
PAIRS = ["-".join(pair) for pair in itertools.permutations(WORDS, 2)]
MORE = ["flaskwright-default-tls", "flaskwright-canary-blog", "flaskwright-try-blog", "host-lock"]
APPS = [app for app in (*WORDS, *PAIRS, *MORE) if not any(no(app) for no in APP_NAME.refusals)]
TEMPLATES = [str(path.relative_to(ROOT))[: -len(".j2")] for path in ROOT.rglob("*.j2")]
SITES = ("sites-available", "sites-enabled")
OURS = {
    *(path for path in TEMPLATES if "{app}" not in path),
    *(f"etc/nginx/{place}/flaskwright-default{end}" for place in SITES for end in ("", "-tls")),
    *(f"var/lib/flaskwright/{name}" for name in (HOST, "nginx.json")),
}


def taken_by(app: str) -> set[str]:
    """All paths and units that are an app's alone, or are made for it."""
    service = Service(SimpleNamespace(), app, f"/srv/{app}")
    units = {service.socket_unit, *service.slots, f"{app}@.service", f"{app}.service"}
    paths = {path.format(app=app) for path in TEMPLATES if "{app}" in path}
    paths |= {f"run/{app}@{slot}.next" for slot in SLOTS} | {service.socket.lstrip("/")}
    for what in ("transaction", "canary", "try"):
        units |= {f"{ours(what, app)}.{kind}" for kind in ("service", "socket", "timer")}
        paths |= {f"run/{ours(what, app)}{end}" for end in ("", ".next", ".sock")}
    paths |= {f"srv/{app}", *(f"etc/nginx/{place}/{app}" for place in SITES)}
    return units | paths | {f"var/lib/flaskwright/{app}"}


def test_no_app_meets_another_or_anything_of_ours():
    count = Counter(itertools.chain(OURS, *map(taken_by, APPS)))

    assert [name for name, times in count.items() if times > 1] == []
    assert {"lock", "try-blog", "canary-blog", "recover", "flaskwright-try-blog"} < set(APPS)


def test_no_app_is_named_like_a_lock_that_is_in_force():
    for app in APPS:
        host, *others = lock_paths(f"{STATE}/{app}", app)
        assert host == f"{STATE}/{HOST}"
        assert others == [f"{STATE}/{EARLIER}", f"{STATE}/{app}/lock"]


def test_what_earlier_versions_have_made_is_known():
    assert known("canary", "blog") == ["flaskwright.canary.blog", "flaskwright-canary-blog"]
    assert known("transaction", "x") == ["flaskwright.transaction.x", "flaskwright-x"]
