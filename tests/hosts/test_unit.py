"""The unit that runs the app: what it keeps out, and what goes on working inside of it."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from .conftest import OLDEST, Live, bridge, on
from .visitor import page

pytestmark = on("bookworm", whole=["trixie", OLDEST])

PROBE = Path(__file__).parent / "apps" / "probe.py"
GREETING = "hello from the operator"
STORE = """
import keyring
keyring.set_password("MYSQL_AUTH", "password", "s3cret of the test")
"""


@pytest.fixture(scope="module")
def app(live: Live) -> Live:
    """The app with routes that tell what it may do, and a keyring."""
    live.project.add("probe.py", PROBE.read_text())
    live.project.add("requirements.txt", "flask>=3.0\nkeyring\nkeyrings.alt\n")
    live.project.declare(wsgi="probe:app")
    live.deploy()
    return live


@pytest.fixture
def server() -> Iterator[int]:
    """A server on the bridge that greets who connects; its port."""
    with socket.create_server((bridge(), 0)) as listener:
        threading.Thread(target=_greet, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]


def _greet(listener: socket.socket) -> None:
    while True:
        try:
            link, _ = listener.accept()
        except OSError:  # closed: the test is over
            return
        with link:
            link.sendall(GREETING.encode())


def test_second_deploy_has_nothing_to_do(live: Live) -> None:
    assert "nothing to do" in live.deploy().err


def test_exposure(app: Live) -> None:
    told = app.shell("systemd-analyze security --no-pager guestbook@1.service")
    found = re.search(r"Overall exposure level for guestbook@1.service: ([\d.]+)", told)
    assert found, told
    assert float(found[1]) <= 1.5


def test_only_nginx_may_connect(app: Live) -> None:
    assert app.shell("stat -c '%a %U %G' /run/guestbook.sock") == "660 root www-data\n"
    connect = "python3 -c 'import socket; socket.socket(1).connect(\"/run/guestbook.sock\")' 2>&1"
    for user in ("pi", "nobody", "guestbook"):
        assert "PermissionError" in app.shell(f"sudo -u {user} {connect}", check=False)
    assert app.shell(f"sudo -u www-data {connect}") == ""


def test_code_belongs_to_root(app: Live) -> None:
    trees = "/srv/guestbook/releases /srv/guestbook/venvs /srv/guestbook/repo.git"
    assert app.shell(f"sudo find {trees} ! -user root -print -quit") == ""
    assert app.shell(f"sudo find {trees} ! -type l -perm /022 -print -quit") == ""
    assert app.shell("sudo stat -c '%a %U %G' /srv/guestbook/shared") == "750 guestbook guestbook\n"
    assert app.shell("getent passwd guestbook").strip().endswith(":/usr/sbin/nologin")


@pytest.mark.parametrize(
    "path",
    [
        "/srv/guestbook/current/code/app.py",
        "/srv/guestbook/current/.venv/x",
        "/srv/guestbook/current/etc/gunicorn.conf.py",
        "/srv/guestbook/x",
        "/etc/x",
        "/var/lib/x",
        "/run/x",
    ],
)
def test_app_cannot_write(app: Live, path: str) -> None:
    said = page(app.address, f"/probe/write?path={quote(path)}")
    assert said.startswith(("PermissionError", "OSError: [Errno 30]")), said


@pytest.mark.parametrize("path", ["/srv/guestbook/shared/note", "/tmp/note"])
def test_app_can_write(app: Live, path: str) -> None:
    assert page(app.address, f"/probe/write?path={quote(path)}") == "written"
    seen = app.shell(f"sudo cat {path}", check=False)
    assert seen == ("" if path.startswith("/tmp") else "written by the app")


@pytest.mark.parametrize(
    "path", ["/home/pi/.bashrc", "/etc/shadow", "/srv/guestbook/repo.git/HEAD"]
)
def test_app_cannot_read(app: Live, path: str) -> None:
    assert "Error: " in page(app.address, f"/probe/read?path={quote(path)}")


def test_environment(app: Live) -> None:
    database = page(app.address, "/probe/environment/DATABASE")
    assert database == "/srv/guestbook/shared/guestbook.db"
    assert page(app.address, "/probe/environment/FLASKWRIGHT_RELEASE") == app.current()


def test_keyring_of_the_guide_works(app: Live) -> None:
    python = "/srv/guestbook/current/.venv/bin/python"
    app.shell(f"sudo -u guestbook env HOME=/srv/guestbook/shared {python} -c '{STORE}'")
    said = page(app.address, "/probe/keyring/MYSQL_AUTH/password")
    assert said == "s3cret of the test"


def test_nginx_and_openssl_of_the_suite_take_tls_without_a_remark(app: Live) -> None:
    app.project.declare(host={"domain": f"guestbook.{app.project.name}.test"}, wsgi="probe:app")
    assert app.project.on_host("certs.snippets").code == 0
    assert "nothing to do" in app.project.on_host("certs.snippets").err
    assert "accepted: True" in app.project.on_host("nginx.test").out
    assert app.project.on_host("nginx.reload").code == 0


def test_outgoing_connections(app: Live, server: int) -> None:
    assert page(app.address, f"/probe/connect/{bridge()}/{server}") == GREETING


def test_no_outgoing_connections(app: Live, server: int) -> None:
    """The last of this module: the app is cut off from then on."""
    app.project.declare(wsgi="probe:app", outbound=False)
    app.deploy()
    denied = app.shell("systemctl show 'guestbook@*' -p IPAddressDeny --value").split()
    assert set(denied) == {"0.0.0.0/0", "::/0"}
    works = filters(app, server)
    assert ("this systemd cannot filter" in app.project.on_host("verify").out) is not works
    if not works:
        pytest.skip("systemd filters no addresses on this machine: only the unit was seen")
    said = page(app.address, f"/probe/connect/{bridge()}/{server}")
    assert said.startswith(("PermissionError", "TimeoutError"))


def filters(app: Live, port: int) -> bool:
    """Tell whether the filter of any unit is in force on the host: it takes cgroup v2 and BPF."""
    connect = f"import socket; socket.create_connection(('{bridge()}', {port}), 3)"
    unit = "sudo systemd-run --quiet --wait --property=IPAddressDeny=any"
    return "no" in app.shell(f'{unit} python3 -c "{connect}" || echo no')
