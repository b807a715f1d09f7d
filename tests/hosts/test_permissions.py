"""What an app reaches of its host: what is open to all, and what hosts.toml gives it besides."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Live, on
from .visitor import page

pytestmark = on("bookworm", whole=["trixie", "bullseye"])

ROUTES = """
import psutil
import reach
from app import app

@app.get("/probe/reach")
def reached():
    return reach.report()

@app.get("/probe/machine")
def machine():
    return {
        "memory": psutil.virtual_memory().total,
        "load": psutil.getloadavg(),
        "processors": psutil.cpu_count(),
        "times": psutil.cpu_times().idle,
        "disk": psutil.disk_usage("/").total,
        "input": len(psutil.disk_io_counters(perdisk=True) or {}),
        "sent": psutil.net_io_counters().bytes_sent,
        "addresses": sorted(psutil.net_if_addrs()),
        "since": psutil.boot_time(),
        "users": sorted({process.username() for process in psutil.process_iter()}),
    }
"""
ASKED = "python -c 'import json, reach; print(json.dumps(reach.report()))'"
GIVEN = {
    "devices": ["/dev/gpiomem", "/dev/i2c-9"],
    "groups": ["gpio"],
    "write": ["/mnt/photos", "/home/pi/photos", "/srv/media", "/mnt/unplugged"],
    "jit": True,
}
# A device that answers as /dev/null does, for members of a group alone, as the pins of a Pi.
MAKE = (
    "sudo groupadd --system gpio; sudo mknod -m 660 /dev/gpiomem c 1 3;"
    " sudo chgrp gpio /dev/gpiomem;"
    " for place in /mnt/photos /home/pi/photos /srv/media /mnt/other; do"
    " sudo install -d -m 700 -o guestbook $place; done; sudo ln -sfn /etc /mnt/link;"
    " sudo groupadd -f -g 0 -o nothing"
)


def seen(app: Live) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page(app.address, "/probe/reach"))
    return found


@pytest.fixture(scope="module")
def app(live: Live) -> Live:
    """The app with routes that tell what it reaches, without any permission."""
    text = (live.project.directory / "app" / "requirements.txt").read_text()
    live.project.add("requirements.txt", f"{text}psutil\n")
    here = __file__.rpartition("/")[0]
    with open(f"{here}/apps/reach.py") as file:
        live.project.add("reach.py", file.read())
    live.project.add("probe.py", ROUTES)
    live.project.declare(wsgi="probe:app")
    live.deploy()
    return live


def test_every_app_sees_the_machine_and_no_process_but_its_own(app: Live) -> None:
    told = json.loads(page(app.address, "/probe/machine"))
    assert min(told[key] for key in ("memory", "disk", "processors", "times", "sent", "since")) > 0
    assert "lo" in told["addresses"]
    assert len(told["addresses"]) > 1
    assert told["users"] == ["guestbook"]


def test_without_permissions_an_app_reaches_nothing_else(app: Live) -> None:
    app.shell(MAKE)
    found = seen(app)
    own = int(app.shell("id -u guestbook"))
    assert found["owners"] == [own]
    assert (found["devices"], found["written"], found["kernel"]) == ([], [], [])
    assert found["device"] == "No such file or directory"
    assert found["netlink"] == "Operation not permitted"
    assert found["jit"] in ("Operation not permitted", "Permission denied")  # systemd 256 on: MDWE
    assert found["links"] == json.loads(page(app.address, "/probe/machine"))["addresses"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"groups": ["nosuch"]}, ("no group nosuch", "sudo groupadd --system nosuch")),
        ({"groups": ["nothing"]}, ("the group nothing has all that is root's",)),
        ({"groups": ["cdrom"]}, ("the group cdrom has /dev/sr0",)),
        ({"write": ["/mnt/link"]}, ("/mnt/link leads to /etc",)),
        ({"devices": ["/dev/harmless"]}, ("/dev/harmless reaches out of every sandbox",)),
    ],
)
def test_what_is_as_good_as_root_is_refused_on_the_host(
    app: Live, given: dict[str, Any], words: tuple[str, ...]
) -> None:
    app.shell(
        "test -e /dev/harmless || sudo mknod /dev/harmless c 1 11;"
        "test -e /dev/sr0 || sudo mknod /dev/sr0 b 11 0; sudo chgrp cdrom /dev/sr0"
    )
    release = app.current()
    app.project.declare(wsgi="probe:app", permissions=given)
    for mode in ([], ["--dry-run"]):
        said = app.project.on_host("deploy", *mode)
        assert said.code == 1, str(said)
        for word in words:
            assert word in said.err
    assert app.current() == release


@pytest.fixture(scope="module")
def given(app: Live) -> Live:
    """The same app with all that it asks for; some of it is not there."""
    app.shell(MAKE)
    app.project.declare(wsgi="probe:app", permissions=GIVEN)
    said = app.deploy()
    for missing in ("/dev/i2c-9", "/mnt/unplugged"):
        assert f"{missing} is not there" in said.err, str(said)
    return app


def test_an_app_reaches_what_it_is_given_and_a_command_reaches_the_same(given: Live) -> None:
    found = seen(given)
    assert (found["devices"], found["device"], found["jit"]) == (["gpiomem"], "ok", "ok")
    assert found["written"] == ["/mnt/photos", "/home/pi/photos", "/srv/media"]
    assert (found["kernel"], found["netlink"]) == ([], "Operation not permitted")

    said = given.project.on_host("run", ASKED)
    assert said.code == 0, str(said)
    assert json.loads(said.out) == found
    assert given.shell("sudo stat -c %U /mnt/photos/from-an-app").strip() == "guestbook"


def test_what_is_not_there_is_told_until_it_is(given: Live) -> None:
    status = given.project.on_host("status")
    assert "/mnt/unplugged is not there" in status.out, str(status)
    verify = given.project.on_host("verify")
    assert verify.code == 1, str(verify)
    assert "/dev/i2c-9 is not there" in verify.out
    assert "nothing to do" in given.deploy().err
    given.shell("sudo install -d -o guestbook /mnt/unplugged; sudo mknod -m 666 /dev/i2c-9 c 1 3")
    said = given.project.on_host("verify")
    assert said.code == 0, str(said)


def test_rights_that_do_not_reach_are_told_with_what_cures_them(given: Live) -> None:
    given.shell("sudo chown pi /mnt/unplugged; sudo chmod 660 /dev/i2c-9")
    said = given.deploy()
    assert "sudo chown guestbook: /mnt/unplugged" in said.err
    assert "/dev/i2c-9, which is root's alone" in said.err
