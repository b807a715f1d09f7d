"""`./fab`: makes .venv, keeps it, and becomes `fab`.

Most tests install a small wheel in Fabric's place, beside a `flaskwright` that tells how it was
called, and copy the empty environment that a first one has made: making one takes seconds.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sshd import script

ROOT = Path(__file__).parent.parent
TELL = """
import json, os, sys

def main():
    names = ("PATH", "INVOKE_RUNTIME_CONFIG", "FLASKWRIGHT_FAB")
    print(json.dumps([sys.argv, sys.path, {name: os.environ[name] for name in names}]))
"""
PARTS = ("fabric.yaml", "fabfile.py", "hosts.toml", "requirements.lock", "requirements-dev.lock")
ROOMS = ("flaskwright", "guides", "sandbox", "tasks", "templates", "examples")


def wheel(directory: Path, name: str) -> str:
    """Make a wheel with a program of its name, and return its line of a lock file."""
    path = directory / f"{name}-1.0-py3-none-any.whl"
    files = {
        f"{name}_told.py": TELL,
        f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{name}-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
        f"{name}-1.0.dist-info/entry_points.txt": f"[console_scripts]\n{name} = {name}_told:main\n",
    }
    record = "".join(f"{file},,\n" for file in (*files, f"{name}-1.0.dist-info/RECORD"))
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in {**files, f"{name}-1.0.dist-info/RECORD": record}.items():
            archive.writestr(file, text)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class Clone:
    """A clone of the project with small lock files."""

    def __init__(self, root: Path, wheels: Path) -> None:
        self.root = root
        root.mkdir()
        wheels.mkdir()
        shutil.copy(ROOT / "fab", root)
        (root / "flaskwright").mkdir()
        (root / "flaskwright" / "__main__.py").write_text(f"{TELL}\nmain()\n")
        lock = wheel(wheels, "fab")
        (root / "requirements.lock").write_text(lock)
        (root / "requirements-dev.lock").write_text(lock + wheel(wheels, "tester"))
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PIP_")},
            "PIP_NO_INDEX": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_FIND_LINKS": wheels.as_uri(),
        }
        self.environment.pop("INVOKE_RUNTIME_CONFIG", None)

    def start(self, *words: str, program: Path | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(program or self.root / "fab"), *words],
            cwd=self.root.parent,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __call__(self, *words: str, program: Path | None = None) -> int:
        """Run `./fab` from outside of the clone; returns the exit code."""
        process = self.start(*words, program=program)
        self.out, self.err = process.communicate(timeout=120)
        assert process.returncode is not None
        return process.returncode

    def begin(self, until: Callable[[], bool] = lambda: True) -> str:
        """Run `./fab` until something is there, and kill it; returns the first line it says."""
        process = self.start()
        assert process.stderr
        line = process.stderr.readline()
        while not until():
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return line


@pytest.fixture
def slow(tmp_path: Path) -> Clone:
    """A clone that makes its environment with the machine's own Python."""
    return Clone(tmp_path / "a clone", tmp_path / "wheels")


@pytest.fixture
def clone(slow: Clone, empty_venv: Path, tmp_path: Path) -> Clone:
    """A clone whose Python makes environments by copying an empty one."""
    (tmp_path / "python").mkdir()
    copies = f'[ "$3" != --clear ] || {{ rm -rf "$4"; exec cp -r {empty_venv} "$4"; }}'
    real = f'exec {Path(sys.executable).resolve()} "$@"'
    script(tmp_path / "python" / "python3", f"{copies}; {real}")
    path = slow.environment["PATH"]
    slow.environment["PATH"] = f"{tmp_path / 'python'}:{path}"
    return slow


def test_two_first_runs_at_a_time_and_then_one(slow: Clone, tmp_path: Path) -> None:
    clone = slow
    processes = [clone.start("deploy", "--ref", "a b") for _ in range(2)]
    said = [process.communicate() for process in processes]
    waited, made = sorted(said, key=lambda outputs: outputs[1].count("\n"))
    assert waited[1] == "./fab waits for another one, which makes .venv\n"
    first, second = made[1].splitlines()
    assert first == "./fab makes .venv from requirements.lock"
    assert second.startswith("./fab made .venv in ")
    link = tmp_path / "link"
    link.symlink_to(clone.root / "fab")
    assert clone(program=link) == 0
    assert clone.err == ""
    arguments, path, variables = json.loads(clone.out)
    always = ["--write-pyc", "--search-root", str(clone.root)]
    assert arguments[1:] == always
    assert variables["FLASKWRIGHT_FAB"] == str(link)
    assert json.loads(waited[0])[0][1:] == [*always, "deploy", "--ref", "a b"]
    assert str(clone.root) in path
    assert variables["PATH"].split(":")[0] == str(clone.root / ".venv" / "bin")
    assert variables["INVOKE_RUNTIME_CONFIG"] == str(clone.root / "fabric.yaml")


def test_bad_and_good_locks(clone: Clone) -> None:
    lock = clone.root / "requirements.lock"
    good = lock.read_text()
    lock.write_text(good.split("sha256:")[0] + "sha256:" + "0" * 64 + "\n")
    assert clone() == 5
    assert clone.err.endswith("./fab could not install what requirements.lock names\n")
    lock.write_text(good)
    assert clone() == 0, clone.err


def test_development_changed_moved(clone: Clone) -> None:
    tester = clone.root / ".venv" / "bin" / "tester"
    assert clone("-H", "pi", "--", "test") == 0
    assert not tester.exists()
    assert clone("test") == 0
    assert tester.exists()
    assert "from requirements-dev.lock" in clone.err
    assert clone("--list") == 0
    assert clone.err == ""
    clone.root = clone.root.rename(clone.root.with_name("moved"))
    assert clone.begin() == "./fab makes .venv from requirements-dev.lock\n"
    clone.root = clone.root.rename(clone.root.with_name("a clone"))
    lock = clone.root / "requirements.lock"
    lock.write_text(lock.read_text() + "# changed\n")
    assert clone.begin() == "./fab makes .venv from requirements-dev.lock\n"


def test_a_killed_install_is_done_again(clone: Clone) -> None:
    python = clone.root / ".venv" / "bin" / "python"
    clone.begin(until=python.exists)
    assert clone() == 0, clone.err
    assert "makes .venv" in clone.err


def test_no_python(clone: Clone, tmp_path: Path) -> None:
    clone.environment["PATH"] = tools(tmp_path / "bin")
    assert clone() == 5
    assert "needs Python 3.11 or newer" in clone.err


def test_debian_without_ensurepip(clone: Clone, tmp_path: Path) -> None:
    path = tmp_path / "bin"
    clone.environment["PATH"] = tools(path)
    python = f'case "$*" in *ensurepip*) exit 1 ;; esac; exec {Path(sys.executable).resolve()} "$@"'
    script(path / "python3", python)
    script(path / "sudo", 'shift; exec "$@"')
    script(path / "apt-get", "echo E: apt-get $* >&2; exit 100")
    assert clone() == 5
    assert clone.err.splitlines()[1:] == [
        "./fab installs python3-venv",
        "E: apt-get -qq -y update",
        "./fab needs python3-venv: sudo apt-get install python3-venv",
    ]


def tools(directory: Path, *more: str) -> str:
    """Make a PATH with little in it."""
    directory.mkdir()
    for name in ("sh", "readlink", "cksum", "flock", "date", "rm", "id", "mkdir", *more):
        (directory / name).symlink_to(shutil.which(name) or f"/no/{name}")
    return str(directory)


def test_the_real_one(tmp_path: Path) -> None:
    root = tmp_path / "a clone"
    root.mkdir()
    for name in ("fab", *PARTS):
        shutil.copy(ROOT / name, root)
    for name in ROOMS:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run([str(root / "fab")], capture_output=True, text=True, cwd="/", check=False)
    assert done.returncode == 0, done.stderr
    assert "deploy" in done.stdout
    done = subprocess.run(
        [str(root / "fab"), "-H", "no-such-host.invalid", "--", "true"],
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    assert (done.returncode, done.stderr.split("\n")[0]) == (
        5,
        "no-such-host.invalid  failed  no-such-host.invalid port 22: the name does not resolve",
    )


def test_no_python_of_ours_takes_modules_from_where_it_is_typed(slow: Clone) -> None:
    marker = slow.root.parent / "marker"
    for name in ("pip", "venv", "ensurepip", "sys", "site", "runpy", "json", "fab_told"):
        (slow.root.parent / f"{name}.py").write_text(f"open({str(marker)!r}, 'w')\n")
    slow.environment["PYTHONPATH"] = f":.:{slow.root}"

    assert slow("--list") == 0, slow.err
    assert not marker.exists()
    assert str(slow.root.parent) not in json.loads(slow.out)[1]
    assert str(slow.root) in json.loads(slow.out)[1]
