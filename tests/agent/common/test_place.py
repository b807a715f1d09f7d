"""What apps are named, and what is named by us, on one host: no two of these meet."""

import itertools
from collections import Counter

from flaskwright.agent.common.place import STATE, Place, place_above
from flaskwright.agent.system.lock import EARLIER, HOST, lock_paths
from flaskwright.config.names import APP_NAME
from flaskwright.plan.templates import ROOT

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
    place = Place(app)
    units = {place.socket_unit, *place.slot_units, f"{app}@.service", f"{app}.service"}
    paths = {path.format(app=app) for path in TEMPLATES if "{app}" in path}
    slots = [unit.removesuffix(".service") for unit in place.slot_units]
    inside = {place.beside(slot, "next") for slot in slots} | {place.door, place.root, place.state}
    for what in ("transaction", "canary", "try"):
        units |= {f"{place.unit(what)}.{kind}" for kind in ("service", "socket", "timer")}
        inside |= {place.beside(place.unit(what), end) for end in ("next", "sock")}
        paths.add(f"run/{place.unit(what)}")
    paths |= {path.lstrip("/") for path in inside}
    return units | paths | {f"etc/nginx/{directory}/{app}" for directory in SITES}


def test_no_app_meets_another_or_anything_of_ours():
    count = Counter(itertools.chain(OURS, *map(taken_by, APPS)))

    assert [name for name, times in count.items() if times > 1] == []
    assert {"lock", "try-blog", "canary-blog", "recover", "flaskwright-try-blog"} < set(APPS)


def test_no_app_is_named_like_a_lock_that_is_in_force():
    for app in APPS:
        host, *others = lock_paths(f"{STATE}/{app}", has_app=True)
        assert host == f"{STATE}/{HOST}"
        assert others == [f"{STATE}/{EARLIER}", f"{STATE}/{app}/lock"]


def test_what_earlier_versions_have_made_is_known():
    assert Place("blog").units("canary") == ["flaskwright.canary.blog", "flaskwright-canary-blog"]
    assert Place("x").units("transaction") == ["flaskwright.transaction.x", "flaskwright-x"]


def test_another_account_has_its_own_roots():
    own = Place(
        "blog", "/home/me/blog", "/home/me/.local/state/flaskwright/blog", run="/run/user/7"
    )

    assert own.release("r1") == "/home/me/blog/releases/r1"
    assert own.door == "/run/user/7/blog.sock"
    assert own.boot_units == "/run/user/7/systemd/system"


def test_a_path_is_in_the_tree_of_one_app_or_of_none():
    assert place_above("/srv/blog/shared/a").name == "blog"
    assert place_above("/srv/blog").name == "blog"
    assert (place_above("/srv"), place_above("/home/srv/blog")) == (None, None)
