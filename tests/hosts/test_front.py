"""What apps expect of their front, over TLS: uploads, slow pages, sockets, streams, visitors."""

from __future__ import annotations

import json
import shlex
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

import sandbox

from .browser import Browser
from .conftest import Live, bridge, on
from .project import Project
from .websocket import Refused, WebSocket

pytestmark = on("bookworm", whole=["trixie"])

APPS = Path(__file__).parent / "apps"
REQUIREMENTS = "flask\nflask-sock\nflask-socketio\npython-socketio[client]\n"
DRAIN, SILENCE = 4, 3  # seconds
MEGABYTE = 1 << 20
CHAT = "timeout 90 /srv/guestbook/current/.venv/bin/python /tmp/chat.py https://{} /tmp/roots.pem"
FORGED = {
    "X-Forwarded-For": "6.6.6.6, 7.7.7.7",
    "X-Real-IP": "6.6.6.6",
    "Forwarded": "for=6.6.6.6;proto=http;host=forged.example",
    "X-Forwarded-Host": "forged.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Port": "6666",
    "X-Forwarded-Prefix": "/forged",
}


@pytest.fixture(scope="module")
def site(suite: str, place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A host with a domain, and an app that has all of these pages."""
    name = f"front-{suite}"
    sandbox.down(name)
    project = Project(tmp_path_factory.mktemp(suite), name, suite)
    (project.app / "front.py").write_text((APPS / "front.py").read_text())
    project.add("requirements.txt", REQUIREMENTS)
    declare(project)
    yield Live(project, project.on_host("deploy"))
    sandbox.down(name)


def declare(project: Project, **keys: object) -> None:
    given = {"wsgi": "front:app", "drain": DRAIN, "request_timeout": SILENCE, **keys}
    project.declare({"domain": domain(project)}, **given)


def domain(project: Project) -> str:
    return f"guestbook.{project.name}.test"


def curl(site: Live, path: str, *options: str, address: str = "") -> tuple[int, str]:
    """Ask for a path of the site; gives the status and the body."""
    name = domain(site.project)
    at = f"{name}:443:{address or site.address}"
    argv = ["curl", "-sS", "--noproxy", "*", "--cacert", str(sandbox.acme().roots)]
    argv += ["--resolve", at, "-w", "\n%{http_code}", *options, f"https://{name}{path}"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def answered(site: Live, wanted: int, path: str, *options: str) -> str:
    """Ask until the status is as wanted, which it has to be once nginx has taken all in."""
    until = time.monotonic() + 10
    while True:
        status, body = curl(site, path, *options)
        if status == wanted:
            return body
        assert time.monotonic() < until, (status, body)


def connect(site: Live) -> WebSocket:
    return WebSocket(site.address, domain(site.project), "/echo", sandbox.acme().roots)


def test_what_the_app_requires_says_how_many_workers_there_are(site: Live) -> None:
    assert site.said.code == 0, str(site.said)
    assert "Flask-SocketIO: 1 worker with 100 threads, since" in site.said.err
    workers = site.shell("pgrep -fc gunicorn -u guestbook").strip()
    assert int(workers) == 2  # the first process, and one worker


@pytest.mark.parametrize("http", ["--http1.1", "--http2"])
def test_16_megabytes_are_taken_and_17_are_refused_with_a_page(
    site: Live, tmp_path: Path, http: str
) -> None:
    for megabytes, status in ((16, 200), (17, 413)):
        (tmp_path / "photo").write_bytes(bytes(megabytes * MEGABYTE))
        photo = ("--data-binary", f"@{tmp_path}/photo", http, "-H", "Content-Type: image/jpeg")
        taken, body = curl(site, "/upload", *photo)
        assert taken == status, body
        assert str(16 * MEGABYTE) == body or "takes 16 MB at a time at most" in body
        chunked, _ = curl(site, "/upload", *photo, "-H", "Transfer-Encoding: chunked")
        assert chunked == status
    assert site.shell("sudo find /var/lib/nginx/body -type f") == ""


def test_so_many_large_uploads_wait_on_the_disk_and_no_more(site: Live, tmp_path: Path) -> None:
    name = domain(site.project)
    trust = ssl.create_default_context(cafile=str(sandbox.acme().roots))
    begun = f"POST /upload HTTP/1.1\r\nHost: {name}\r\nContent-Length: {16 * MEGABYTE}\r\n\r\n"
    (tmp_path / "photo").write_bytes(bytes(2 * MEGABYTE))
    large = ("--data-binary", f"@{tmp_path}/photo")
    with ExitStack() as slow:
        for _ in range(64):
            plain = socket.create_connection((site.address, 443), timeout=20)
            link = slow.enter_context(trust.wrap_socket(plain, server_hostname=name))
            link.sendall(begun.encode())
        body = answered(site, 429, "/upload", *large)
        assert "<h1>Too many large files at once</h1>" in body
        assert curl(site, "/upload", "--data", "small") == (200, "5")
        assert curl(site, "/health")[0] == 200
    assert answered(site, 200, "/upload", *large) == str(2 * MEGABYTE)


def test_a_page_may_take_as_long_as_request_timeout_says(site: Live) -> None:
    assert curl(site, f"/slow/{SILENCE - 1.5}") == (200, "at last")
    status, body = curl(site, f"/slow/{SILENCE + 3.0}", "-D", "-")
    assert status == 504
    assert f"said nothing for {SILENCE} seconds" in body
    headers = body.lower().partition("<!--")[0].replace("\r", "").split("\n")
    assert {"cache-control: no-store", "content-type: text/html"} <= set(headers)
    assert "strict-transport-security: max-age=31536000" in headers
    assert curl(site, "/health")[0] == 200


def test_an_app_that_ends_is_told_with_a_page(site: Live) -> None:
    status, body = curl(site, "/end")
    assert (status, "<h1>The site gave no answer</h1>" in body) == (502, True)


@pytest.mark.parametrize("status", [413, 418, 429, 502, 503, 504])
def test_what_the_app_answers_passes_as_it_is(site: Live, status: int) -> None:
    passed, body = curl(site, f"/answer/{status}")
    assert passed == status
    assert "the app&#39;s own words" in body


@pytest.mark.parametrize("accept", ["*/*", "text/event-stream"])
@pytest.mark.parametrize("http", ["--http1.1", "--http2"])
def test_each_event_of_a_stream_arrives_at_once(site: Live, accept: str, http: str) -> None:
    name = domain(site.project)
    argv = ["curl", "-sSN", "--compressed", http, "--cacert", str(sandbox.acme().roots)]
    argv += ["--resolve", f"{name}:443:{site.address}", "-H", f"Accept: {accept}"]
    with subprocess.Popen(
        [*argv, f"https://{name}/events/3/1.0"], stdout=subprocess.PIPE, text=True
    ) as stream:
        assert stream.stdout is not None
        arrived = [time.monotonic() for line in stream.stdout if line.startswith("data:")]
    pauses = [later - earlier for earlier, later in pairwise(arrived)]
    assert [round(pause) for pause in pauses] == [1, 1], pauses


def test_streams_and_sockets_may_be_silent_for_longer(site: Live) -> None:
    link = connect(site)
    status, body = curl(site, f"/events/2/{SILENCE + 2.0}", "-H", "Accept: text/event-stream")
    assert (status, body.count("data:")) == (200, 2)
    link.send("still there")
    assert (link.receive() or "").endswith(" still there")
    link.close()


def test_no_other_upgrade_reaches_the_app(site: Live) -> None:
    upgrade = ("-H", "Connection: Upgrade, HTTP2-Settings", "-H", "Upgrade: h2c")
    assert curl(site, "/health", "--http1.1", *upgrade, "-H", "HTTP2-Settings: AAMA")[0] == 200
    with pytest.raises(Refused):
        WebSocket(site.address, domain(site.project), "/health", sandbox.acme().roots)


@pytest.mark.parametrize("http", ["--http1.1", "--http2"])
@pytest.mark.parametrize("path", ["/who", "/fixed/who"])
@pytest.mark.parametrize("family", [4, 6])
def test_the_app_sees_the_visitor_and_nobody_can_forge_one(
    site: Live, path: str, family: int, http: str
) -> None:
    headers = [word for pair in FORGED.items() for word in ("-H", ": ".join(pair))]
    address = site.address if family == 4 else f"[{site.host.address6}]"
    status, body = curl(site, path, http, *headers, "-w", "\n%{local_ip}\n200", address=address)
    said, own = body.rsplit("\n", 1)
    seen = json.loads(said)
    assert status == 200
    assert seen["address"] == own
    assert (own == bridge()) is (family == 4)
    assert seen["secure"]
    assert seen["url"] == f"https://{domain(site.project)}{path}"
    assert not any(part in said for part in ("6.6.6.6", "7.7.7.7", "6666", "forged"))


@contextmanager
def chatting(site: Live, *transports: str) -> Iterator[list[str]]:
    """Have a Socket.IO client on the host all the while; its lines are there in the end."""
    roots = sandbox.acme().roots.read_text()
    for path, text in (("/tmp/chat.py", (APPS / "chat.py").read_text()), ("/tmp/roots.pem", roots)):
        site.shell(f"printf %s {shlex.quote(text)} > {path}")
    command = " ".join([CHAT.format(domain(site.project)), *transports])
    lines: list[str] = []
    client = subprocess.Popen(
        [*site.host.ssh, command],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert client.stdout is not None
    lines += [client.stdout.readline() for _ in range(3)]
    reader = threading.Thread(target=lambda: lines.extend(client.stdout or ()))
    reader.start()
    try:
        yield lines
    finally:
        client.kill()
        reader.join()


def test_a_deploy_cuts_sockets_and_streams_at_the_end_of_drain_and_clients_come_back(
    site: Live,
) -> None:
    before = site.current()
    link, told = connect(site), []
    link.send("before")
    assert link.receive() == f"{before} before"
    stream = threading.Thread(
        target=lambda: told.append(curl(site, "/events/99/0.5", "-H", "Accept: text/event-stream"))
    )
    stream.start()
    with (
        chatting(site, "polling", "websocket") as upgraded,
        chatting(site, "polling") as polling,
    ):
        site.project.commit("next")
        began = time.monotonic()
        site.deploy()
        assert time.monotonic() - began > DRAIN
        assert link.receive() is None
        stream.join()
        until = time.monotonic() + 10
        new = f" heard {site.current()} "
        while not all(any(new in line for line in lines) for lines in (upgraded, polling)):
            assert time.monotonic() < until, (upgraded, polling)
            time.sleep(0.1)
    assert len(told) == 1 and "data: 3" in told[0][1]
    assert f"{before} websocket" in "".join(upgraded)
    for lines in (upgraded, polling):
        assert 0 < moment("connected", lines[3:]) - moment("cut", lines) < 4, lines


def moment(word: str, lines: list[str]) -> float:
    """Return when a client has said a word first, in seconds."""
    return next(float(line.split()[0]) for line in lines if line.split()[1] == word)


def test_a_reload_cuts_sockets_at_the_end_of_drain(site: Live) -> None:
    link = connect(site)
    link.send("before")
    assert link.receive()
    said = site.project.on_host("reload")
    assert said.code == 0, str(said)
    assert link.receive() is None


def test_a_browser_talks_and_its_stream_comes_back_by_itself(site: Live, tmp_path: Path) -> None:
    name = domain(site.project)
    with Browser(tmp_path / "home", sandbox.acme().roots, {name: site.address}) as browser:
        assert browser.open(f"https://{name}/") == ""
        browser.tell("said = []; link = new WebSocket(`wss://${location.host}/echo`)")
        browser.tell("link.onopen = () => link.send('hello')")
        browser.tell("link.onmessage = message => said.push(message.data)")
        browser.tell("link.onclose = () => said.push('cut')")
        browser.tell("opened = 0; stream = new EventSource('/events/99/0.5')")
        browser.tell("stream.onopen = () => opened += 1")
        comes(browser, "said.some(text => text.endsWith(' hello')) && opened == 1")
        assert site.project.on_host("reload").code == 0
        comes(browser, "said.includes('cut') && opened >= 2")


def comes(browser: Browser, true: str) -> None:
    """Wait until a piece of JavaScript is true."""
    until = time.monotonic() + 15
    while not browser.tell(true):
        assert time.monotonic() < until, (true, browser.tell("[said, opened]"))
        time.sleep(0.1)


def test_a_class_of_workers_that_is_not_installed_is_refused_before_the_switch(site: Live) -> None:
    before = site.current()
    declare(site.project, worker_class="gevent")
    said = site.project.on_host("deploy")
    assert said.code == 1, str(said)
    assert "gevent is not installed" in said.err
    assert 'add a line "gunicorn[gevent]"' in said.err
    assert site.current() == before
    declare(site.project)


@pytest.mark.long
def test_workers_of_gevent_are_taken_where_flask_socketio_takes_it(site: Live) -> None:
    declare(site.project)
    site.project.add("requirements.txt", REQUIREMENTS + "gevent\n")
    said = site.deploy()
    assert "Flask-SocketIO: 1 worker of gevent, since" in said.err
    status, body = curl(site, "/workers")
    assert (status, json.loads(body)) == (200, {"mode": "gevent", "patched": True})
    seen = json.loads(curl(site, "/who", "-H", "X-Real-IP: 6.6.6.6")[1])
    assert (seen["address"], seen["secure"]) == (bridge(), True)
    assert curl(site, f"/slow/{SILENCE + 2.0}")[0] == 504
    link = connect(site)
    link.send("gevent")
    assert (link.receive() or "").endswith(" gevent")
    link.close()
    with chatting(site, "websocket") as lines:
        assert any(" heard " in line for line in lines), "".join(lines)
    assert "MonkeyPatchWarning" not in site.shell("sudo journalctl -u 'guestbook@*' -o cat")


def test_a_second_deploy_changes_nothing(site: Live) -> None:
    assert "nothing to do" in site.deploy().err
    assert site.project.on_host("deploy", "--dry-run").code == 0
    assert site.project.on_host("verify").code == 0
