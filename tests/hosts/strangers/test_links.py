"""Links, pipes and compiled files of strangers: committed, and laid by an app that runs."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator

import pytest

from ..conftest import Live, on
from ..visitor import ask

pytestmark = on("bookworm", whole=["trixie"])

SHARED = "/srv/guestbook/shared"
UP = f"{SHARED}/static/up"
SECRET = "what a neighbour's visitors have sent"
LOG = "/var/log/nginx/access.log"
NEIGHBOUR = "/srv/neighbour/shared"
PRIVATE = ("/var/log/nginx", LOG, NEIGHBOUR, f"{NEIGHBOUR}/secret.txt")
ROTTEN = b"a compiled file of a stranger"
AWAY = {
    "absolute": {"static/x": "/etc"},
    "relative": {"static/x": "../../../../../../etc"},
    "chain": {"static/x": "y/z", "static/y": "deep", "static/deep/z": "../../../x"},
    "through another": {"static/y": "deep", "static/x": "y/../../../../../etc"},
    "upper case": {"Static/__PYCACHE__": "/"},
}


@pytest.fixture(scope="module")
def app(live: Live) -> Live:
    """An app with uploads below `static`, which it has opened for nginx; and a neighbour's file."""
    live.project.declare(shared=["static/up/"])
    live.project.add("static/up/first.txt", "the first upload\n" * 20)
    live.deploy()
    secret = f"{NEIGHBOUR}/secret.txt"
    live.shell(f"sudo install -d -m 750 -g www-data {NEIGHBOUR}")
    live.shell(f"echo {SECRET!r} | sudo tee {secret} && sudo chmod 640 {secret}")
    live.shell(f"sudo chgrp www-data {secret}")
    ask(live.address, "/so-that-the-log-has-a-line")
    return live


@pytest.fixture
def again(app: Live) -> Iterator[Live]:
    """The same, whose repository and uploads are then as they were."""
    before = app.project.git("rev-parse", "HEAD").strip()
    app.project.declare(shared=["static/up/"])
    open_for_nginx(app)
    yield app
    app.project.git("reset", "--quiet", "--hard", before)
    app.project.git("clean", "--quiet", "-d", "--force", "-x")
    app.shell(f"sudo find {UP} -mindepth 1 ! -path {UP}/first.txt -delete")


def open_for_nginx(app: Live) -> None:
    """Let nginx read, as the app can at any time; each deploy closes `shared` again."""
    as_app(app, "chmod 755 ../.. .. . && chmod 644 first.txt")


def as_app(app: Live, command: str) -> None:
    """Do what the running app can do in the one directory that it may write."""
    app.shell(f"sudo -u guestbook sh -c 'cd {UP} && {command}'")


def commit(app: Live, links: dict[str, str]) -> None:
    for path, target in links.items():
        place = app.project.app / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
    app.project.commit("links")


def refused(app: Live, path: str) -> None:
    """Nothing of the host or of a neighbour comes, and soon."""
    began = time.monotonic()
    for one in (path, f"{path}/", f"{path}/access.log", f"{path}/etc/shadow"):
        answer = ask(app.address, one)
        assert answer is not None
        for private in (b"root:", SECRET.encode(), b"so-that-the-log-has-a-line"):
            assert private not in answer.body, one
        assert answer.status >= 300, one
    assert time.monotonic() - began < 5


def links_of(app: Live) -> list[str]:
    """What `verify` says of links."""
    said = app.project.on_host("verify", "--json")
    checks = said.told(app.project.name)["outcomes"][0]["answer"]["checks"]
    return [row["state"] for row in checks if row["heading"] == "links"]


def still_served(app: Live) -> None:
    open_for_nginx(app)
    for path in ("/static/style.css", "/static/up/first.txt"):
        answer = ask(app.address, path)
        assert answer is not None
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "max-age=3600"), path


@pytest.mark.parametrize("kind", AWAY)
def test_a_committed_link_that_leads_out_is_refused(again: Live, kind: str) -> None:
    commit(again, AWAY[kind])
    said = again.project.on_host("deploy")
    assert said.code == 1, str(said)
    assert "the repository has a link that leaves it: " in said.err
    refused(again, "/static/x")
    still_served(again)


def test_nothing_by_the_name_of_compiled_files_is_taken(again: Live) -> None:
    """A link of that name was passed over once, and published the host."""
    commit(again, {"static/__pycache__": "/", "static/deep/__pycache__": "../../../../../.."})
    for name in ("app.cpython-311.pyc", "app.cpython-313.pyc"):
        file = again.project.app / "__pycache__" / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(ROTTEN)
    (again.project.app / "static" / "x.pyc").write_bytes(ROTTEN)
    again.project.git("add", "--force", "__pycache__")
    again.project.commit("compiled")
    assert "compiled Python in the repository is left out: " in again.deploy().err
    for path in ("/static/__pycache__", "/static/deep/__pycache__", "/static/x.pyc"):
        refused(again, path)
    found = again.shell(f"sudo grep -rl {ROTTEN.decode()!r} /srv/guestbook/current/code/", False)
    assert found == ""
    links = again.shell("sudo find /srv/guestbook/current/code/ -type l").split()
    assert links == ["/srv/guestbook/current/code/static/up"]
    still_served(again)


def test_committed_links_to_what_is_served_are_served(again: Live) -> None:
    links = {"static/now.css": "style.css", "static/code": "../app.py", "robots.txt": "docs/r"}
    again.project.add("docs/r", "User-agent: *")
    commit(again, links)
    static = {"/static/": "static/", "/robots.txt": "robots.txt"}
    again.project.declare(shared=["static/up/"], static=static)
    again.deploy()
    for path in ("/static/now.css", "/robots.txt"):
        answer = ask(again.address, path)
        assert answer is not None
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "max-age=3600"), path
    assert "nothing to do" in again.deploy().err
    still_served(again)


@pytest.mark.parametrize(
    "link",
    ["/var/log/nginx", LOG, NEIGHBOUR, f"{NEIGHBOUR}/secret.txt", "../../../../var/log/nginx"],
)
def test_a_link_that_the_app_lays_is_not_followed(again: Live, link: str) -> None:
    as_app(again, f"ln -s {link} x && ln -s x chain && mkdir d && ln -s ../x d/deep")
    for path in ("x", "chain", "d/deep"):
        refused(again, f"/static/up/{path}")
        refused(again, f"/static/up/{path}/secret.txt")
    assert links_of(again) == ["ok", "ok"]
    still_served(again)


def test_what_the_app_itself_reads_it_may_give(again: Live) -> None:
    """nginx asks the app where it follows no link; that is told, for few want it."""
    as_app(again, "ln -s / x")
    for path in (LOG, f"{NEIGHBOUR}/secret.txt"):
        refused(again, f"/static/up/x{path}")
    states = links_of(again)
    assert any("by a link: remove it" in state for state in states), states


def test_the_place_itself_may_become_a_link(again: Live) -> None:
    """The app owns all that is in `shared`, so also the way to what is served of it."""
    way = "cd ../.. && mv static aside && mkdir other && ln -s / other/up && ln -s other static"
    as_app(again, way)
    try:
        for path in ("", *PRIVATE):
            refused(again, f"/static/up{path}")
    finally:
        again.shell(f"sudo rm {SHARED}/static && sudo mv {SHARED}/aside {SHARED}/static")
        again.shell(f"sudo rm -r {SHARED}/other")
    still_served(again)


def test_no_race_is_won(again: Live) -> None:
    """A directory is swapped for a link, and back, while visitors ask for what is below it."""
    as_app(again, "mkdir a && echo upload >a/access.log && ln -s /var/log/nginx b")
    swap = f"import os; os.chdir('{UP}')\nwhile True: os.rename('a', 'c'); os.rename('b', 'a'); "
    swap += "os.rename('a', 'b'); os.rename('c', 'a')"
    again.shell(f'sudo systemd-run -q --unit=swap --uid=guestbook python3 -c "{swap}"')
    try:
        end, given = time.monotonic() + 10, set()
        while time.monotonic() < end:
            try:
                answer = ask(again.address, "/static/up/a/access.log")
            except http.client.IncompleteRead:  # the app's own race
                continue
            assert answer is not None
            assert b"so-that-the-log-has-a-line" not in answer.body
            given.add(answer.status)
        assert 200 in given, given
        assert len(given) > 1, "nothing was swapped in time"
    finally:
        again.shell("sudo systemctl stop swap")


def test_a_pipe_holds_nobody_up(again: Live) -> None:
    as_app(again, "mkfifo pipe && ln -s pipe by && mkdir d && mkfifo d/first.txt")
    for _ in range(8):  # more than there are workers, of nginx and of the app
        for path in ("pipe", "by", "d/first.txt"):
            refused(again, f"/static/up/{path}")
    assert links_of(again) == ["ok", "ok"]
    still_served(again)


def body(live: Live, path: str) -> bytes:
    """Give what is answered at a path; empty for no answer."""
    answer = ask(live.address, path)
    return answer.body if answer is not None else b""


def test_what_is_served_over_links_is_told(again: Live) -> None:
    """As a release of before, whose site follows them: `verify` asks as a visitor does."""
    as_app(again, "ln -s /var/log/nginx logs")
    site = "/srv/guestbook/current/etc/nginx/sites-available/guestbook"
    again.shell(f"sudo sed -i /disable_symlinks/d {site} && sudo systemctl reload nginx")
    until = time.monotonic() + 10  # old workers of nginx may answer for a moment
    while b"so-that-the-log-has-a-line" not in body(again, "/static/up/logs/access.log"):
        assert time.monotonic() < until, "nginx followed no link before either"
        time.sleep(0.1)
    states = links_of(again)
    assert any("/logs/access.log, by a link: remove it" in state for state in states), states
    again.deploy()
    refused(again, "/static/up/logs")
    assert links_of(again) == ["ok", "ok"]
    assert "nothing to do" in again.deploy().err
