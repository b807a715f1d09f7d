"""hosts.toml, arguments and repositories that cannot be used; the host is not touched."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from .conftest import Live, bridge
from .project import Project
from .trouble import converges, steady, told

Change = Callable[[Project], object]


@pytest.fixture(autouse=True)
def restored(live: Live) -> None:
    live.project.restore()


def says(text: str) -> Change:
    """Write another hosts.toml."""
    return lambda project: project.write(text)


def appends(text: str) -> Change:
    """Write further lines at the end of hosts.toml."""
    return lambda project: project.declare(more=text)


HOSTS_TOML = {
    "gone": (lambda project: project.hosts.unlink(), ("there is none at", "[hosts.pi]")),
    "not TOML": (appends("[[["), ("hosts.toml: line ", "is not TOML")),
    "empty": (says(""), ("no host yet", "[hosts.NAME]")),
    "an unknown key": (
        lambda project: project.declare({"domian": "x"}),
        ('.domian: unknown key; did you mean "domain"?',),
    ),
    "a wrong type": (
        lambda project: project.declare(workers="two"),
        ("apps.guestbook.workers: should be", 'not "two"'),
    ),
    "an unknown app": (
        lambda project: project.declare({"app": "gestbook"}),
        ('no app "gestbook"; did you mean "guestbook"?',),
    ),
    "an unknown guide": (
        lambda project: project.declare({"guide": "rasberry-pi"}),
        ('did you mean "raspberry-pi"?',),
    ),
    "a guide of a later version": (
        lambda project: project.declare({"guide": "uberspace"}),
        ('"uberspace" is not in this version yet', "raspberry-pi"),
    ),
    "a group of nobody": (
        appends('[groups]\nweb = ["nobody"]\n'),
        ('groups.web: no host "nobody"',),
    ),
    "a shared directory elsewhere": (
        lambda project: project.declare(shared=["../../etc"]),
        ("apps.guestbook.shared[0]", "would leave its place"),
    ),
    "a code directory elsewhere": (
        lambda project: project.declare(directory="../x"),
        ("apps.guestbook.directory", "would leave its place"),
    ),
    "a name that leaves its place": (
        appends('[apps."../x"]\nrepo = "app"\nwsgi = "app:app"\n'),
        ('apps."../x": should be a name',),
    ),
    "a name with a space": (
        appends('[apps."a b"]\nrepo = "app"\nwsgi = "app:app"\n'),
        ('apps."a b": should be a name',),
    ),
    "a name in colours": (
        appends('[apps."a\\u001b[31mb"]\nrepo = "app"\nwsgi = "app:app"\n'),
        ('apps."a\\u001b[31mb": should be a name',),
    ),
    "an address that is an option": (
        lambda project: project.declare({"address": "-oProxyCommand=id", "sandbox": {}}),
        (".address: may not begin with",),
    ),
    "no repository": (
        lambda project: project.declare(repo="ap"),
        ("apps.guestbook.repo: there is no directory",),
    ),
    "a directory without git": (
        lambda project: project.declare(repo="/etc"),
        ("/etc is not a git repository",),
    ),
    "a login in the URL": (
        lambda project: project.declare(repo="https://me:word@git.example.org/app.git"),
        ("apps.guestbook.repo: holds a login",),
    ),
    "a program as URL": (
        lambda project: project.declare(repo="ext::sh -c id"),
        ("apps.guestbook.repo: names a remote helper",),
    ),
}


@pytest.mark.parametrize("case", HOSTS_TOML)
def test_hosts_toml(live: Live, case: str) -> None:
    change, words = HOSTS_TOML[case]
    change(live.project)
    told(live.project.on_host("deploy"), 64, *words)


ARGUMENTS = {
    ("-H", "badbookworm", "deploy"): (64, 'no host or group "badbookworm"'),
    ("-H", "NAME,nobody", "deploy"): (64, 'no host or group "nobody"'),
    ("-H", "NAME", "deploy", "--ref", "mian"): (64, "has no commit 'mian'"),
    ("-H", "NAME", "deploy", "--ref=--upload-pack=id"): (64, "has no commit"),
    ("-H", "NAME", "deplyo"): (64, 'did you mean "deploy"?'),
    ("-H", "NAME", "deploy", "--reff", "x"): (64, 'did you mean "--ref"?'),
}


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_arguments(live: Live, arguments: tuple[str, ...]) -> None:
    code, words = ARGUMENTS[arguments]
    said = live.project.fab(*(word.replace("NAME", live.project.name) for word in arguments))
    assert (said.code, said.out) == (code, "")
    assert words in said.err


class Locked(BaseHTTPRequestHandler):
    """A git server that wants a login for what is private, and has nothing else."""

    def do_GET(self) -> None:
        private = self.path.startswith("/private")
        self.send_response(401 if private else 404)
        if private:
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.end_headers()

    def log_message(self, *words: object) -> None: ...


@pytest.fixture(scope="module")
def server(live: Live) -> Iterator[str]:
    server = ThreadingHTTPServer((bridge(), 0), Locked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{bridge()}:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("{server}/nothing.git", ("nothing.git does not exist", "check `repo` in hosts.toml")),
        ("{server}/private.git", ("private.git wants a login", "keyring set flaskwright/")),
        ("http://{bridge}:1/app.git", ("cannot be reached from the host", "network and DNS")),
        ("https://git.invalid/app.git", ("cannot be reached from the host", "git.invalid")),
        ("git@{bridge}:app.git", ("{bridge}:app.git cannot be reached", "refused")),
    ],
)
def test_repositories_elsewhere(live: Live, server: str, url: str, words: tuple[str, ...]) -> None:
    places = {"server": server, "bridge": bridge()}
    live.project.declare(repo=url.format(**places))
    with steady(live):
        said = live.project.on_host("deploy")
        told(said, 1, *(word.format(**places) for word in words), "live  release")


def test_the_host_is_as_it_was(live: Live) -> None:
    assert "nothing to do" in live.deploy().err
    converges(live)
