"""What an app can write, see and talk to: as a service, in `run`, in hooks, and tried by hand."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ..conftest import OLDEST, Live, on
from ..visitor import page
from .test_build import DEVICES, SOCKETS, TERMINALS

pytestmark = on("bookworm", whole=["trixie", OLDEST])

HERE = Path(__file__).parents[1] / "apps"
ROUTES = """
import os
import surroundings
from app import app

@app.get("/probe/surroundings")
def around():
    return {**surroundings.report(), "seen": sorted(os.listdir("/srv"))}

@app.get("/probe/fill")
def fill():
    for number in range(200):
        open(f"/dev/shm/of-an-app-{number}", "w").close()
    return str(len(os.listdir("/dev/shm")))
"""
SHARED = "/srv/guestbook/shared"
PIPES = {f"/run/guestbook@{slot}.ready" for slot in (1, 2, 3)}  # what it says "ready" in
TREES = {SHARED, *PIPES, "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", TERMINALS, *DEVICES}
ASKED = "python -c 'import json, surroundings; print(json.dumps(surroundings.report()))'"
LINGERS = "sh -c 'setsid sleep 4321 >/dev/null 2>&1 & exit 0'"
# tried while an app is tried by hand: who else comes to its socket
INTRUDER = """
import glob, socket, time
end = time.monotonic() + 20
while time.monotonic() < end:
    for path in glob.glob("/run/*try*guestbook*") + glob.glob("/run/*try*guestbook*/http.sock"):
        with socket.socket(socket.AF_UNIX) as link:
            try:
                link.connect(path if path.endswith(".sock") else path + "/http.sock")
                print("came in")
            except PermissionError:
                print("refused")
            except OSError:
                continue
            raise SystemExit
    time.sleep(0.01)
print("nothing seen")
"""


@pytest.fixture(scope="module")
def app(live: Live) -> Live:
    """The app with routes that tell what is around it."""
    live.project.add("surroundings.py", (HERE / "surroundings.py").read_text())
    live.project.add("probe.py", ROUTES)
    live.project.declare(
        wsgi="probe:app", hooks={"before_switch": LINGERS, "after_commit": LINGERS}
    )
    live.deploy()
    return live


@pytest.fixture(scope="module")
def around(app: Live) -> dict[str, list[str]]:
    """What the app sees from its service."""
    found: dict[str, list[str]] = json.loads(page(app.address, "/probe/surroundings"))
    return found


def test_what_the_service_can_write(around: dict[str, list[str]]) -> None:
    assert set(around["writable"]) - SOCKETS <= TREES


def test_whom_the_service_can_talk_to(around: dict[str, list[str]]) -> None:
    assert set(around["sockets"]) <= SOCKETS


def test_the_service_sees_no_other_app(around: dict[str, list[str]]) -> None:
    assert around["seen"] == ["guestbook"]


def test_a_command_is_where_the_service_is(app: Live, around: dict[str, list[str]]) -> None:
    said = app.project.on_host("run", ASKED)
    assert said.code == 0, str(said)
    told = json.loads(said.out)
    assert {key: set(told[key]) for key in told} == {key: set(around[key]) for key in told}


def test_what_a_command_leaves_ends_with_it(app: Live) -> None:
    assert app.project.on_host("run", LINGERS).code == 0
    assert app.shell("pgrep -f '[s]leep 4321' || true") == ""  # nor have the hooks left any


@pytest.mark.parametrize(("command", "code"), [("exit 7", 7), ("kill -TERM $$", 143), ("true", 0)])
def test_a_command_ends_as_it_ends(app: Live, command: str, code: int) -> None:
    assert app.project.on_host("run", command).code == code


def test_memory_that_is_shared_is_its_own(app: Live) -> None:
    assert int(page(app.address, "/probe/fill")) >= 200
    assert app.shell("ls /dev/shm | grep of-an-app || true") == ""


@pytest.mark.parametrize("user", ["pi", "nobody", "www-data"])
def test_nobody_else_comes_to_an_app_that_is_tried(app: Live, user: str) -> None:
    app.shell(f"echo '{INTRUDER}' > /tmp/intruder.py")
    argv = [*app.host.ssh, f"sudo -u {user} python3 /tmp/intruder.py"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as intruder:
        assert app.project.on_host("gunicorn.by-hand").code == 0
        assert intruder.communicate(timeout=60)[0] == "refused\n"


def test_second_deploy_has_nothing_to_do(app: Live) -> None:
    assert "nothing to do" in app.deploy().err
