import subprocess
import sys
from pathlib import Path

import pytest

from flaskwright.agent.engine.run import Run
from flaskwright.agent.system import dpkg

from ..support import Operator, fields, result

STATUS = """Package: nginx
Status: install ok installed
Version: 1.22

Package: nginx-common
Status: deinstall ok config-files
Architecture: all

Package: libc6
Status: install ok half-configured
Architecture: armhf

Package: libc6
Architecture: arm64
Status: install ok installed
Description: Package: python3-venv
 Status: install ok installed

Package: last
Status: install ok installed
"""
HOLDER = """
import fcntl, sys, time
lock = open(sys.argv[1], "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture(autouse=True)
def status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "status"
    path.write_text(STATUS)
    monkeypatch.setattr(dpkg, "STATUS", str(path))
    return path


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("nginx", True),
        ("nginx-common", False),
        ("libc6", True),
        ("python3-venv", False),
        ("last", True),
        ("ngin", False),
    ],
)
def test_dpkg_s_own_file_is_read(run: Run, name: str, there: bool) -> None:
    assert dpkg.installed(run, name) is there


def test_it_is_read_once_until_forgotten(run: Run, status: Path) -> None:
    assert dpkg.installed(run, "nginx")
    status.write_text("")
    assert dpkg.installed(run, "nginx")
    dpkg.forget(run)
    assert not dpkg.installed(run, "nginx")


def test_a_dry_run_names_what_is_missing(dry_run: Run) -> None:
    found = result(dry_run, fields("packages", names=["nginx", "git", "last"]))
    assert (found["state"], found["diff"]) == ("would change", ["install git"])
    assert result(dry_run, fields("packages", names=["nginx", "last"])) == {"state": "ok"}


def test_a_held_lock_is_waited_for_and_its_holder_named(
    run: Run, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "lock-frontend"
    monkeypatch.setattr(dpkg, "LOCKS", (str(tmp_path / "none"), str(lock)))
    monkeypatch.setattr(dpkg, "PAUSE", 0.05)
    assert dpkg.first_holder() is None
    argv = [sys.executable, "-c", HOLDER, str(lock), "0.3"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        assert dpkg.first_holder() == holder.pid
        dpkg.wait(run)
    assert dpkg.first_holder() is None
    said = [event["text"] for event in operator.events()]
    assert len(said) == 1
    assert said[0].startswith("waiting for apt, held by python")
    assert said[0].endswith(f"(pid {holder.pid})")
