"""Which commits are packages, and what comes of installing one into its release."""

import json
import shutil
import subprocess

import pytest

from flaskwright.agent.venvs.project import brings_app, find

from ..app_host import AppHost
from ..support import result
from ..wheels import wheel

BUILD = '[build-system]\nrequires = []\nbuild-backend = "x"\n'
NAMED = '[project]\nname = "my_Pkg"\nversion = "1"\n'
NONE = {
    "nothing": {},
    "tools alone": {"pyproject.toml": "[tool.ruff]\nline-length = 9\n", "setup.cfg": "[flake8]\n"},
    "dependencies alone": {"pyproject.toml": NAMED + 'dependencies = ["flask"]\n'},
    "sources of another language": {"pyproject.toml": NAMED, "src/web/main.js": ""},
    "a build of nothing": {"pyproject.toml": BUILD},
    "no package for Poetry": {"pyproject.toml": BUILD + "[tool.poetry]\npackage-mode = false\n"},
    "no package for uv": {"pyproject.toml": BUILD + NAMED + "[tool.uv]\npackage = false\n"},
    "no package for PDM": {"pyproject.toml": BUILD + NAMED + "[tool.pdm]\ndistribution = false\n"},
    "a license for wheels": {"setup.cfg": "[metadata]\nlicense_file = LICENSE\n[x]\nname = y\n"},
}
PACKAGES = {
    "setuptools": {"pyproject.toml": BUILD + NAMED},
    "Poetry": {"pyproject.toml": BUILD + '[tool.poetry]\nname = "my-pkg"\n'},
    "Flit of old": {"pyproject.toml": BUILD + '[tool.flit.metadata]\nname = "my.pkg"\n'},
    "setup.py": {"setup.py": 'from setuptools import setup\nsetup(name="my_pkg")\n'},
    "setup.cfg": {"setup.cfg": "[metadata]\nversion = 1\nname = my_pkg\n"},
    "setup.py beside tools": {"pyproject.toml": "[tool.x]\n", "setup.py": 'setup(name="my-pkg")'},
    "src and no builder": {"pyproject.toml": NAMED, "src/my_pkg/__init__.py": ""},
    "commands and no builder": {"pyproject.toml": NAMED + '[project.scripts]\nx = "y:z"\n'},
}


def laid(place, files):
    for path, text in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    return str(place)


@pytest.mark.parametrize("files", NONE.values(), ids=NONE)
def test_what_is_no_package_is_not_built(tmp_path, files):
    assert find(laid(tmp_path, files), "") is None


@pytest.mark.parametrize("files", PACKAGES.values(), ids=PACKAGES)
def test_a_package_is_found_with_its_name(tmp_path, files):
    found = find(laid(tmp_path, files), "")
    assert (found.directory, found.name) == ("", "my-pkg")


def test_the_nearest_project_above_the_app_counts(tmp_path):
    laid(tmp_path, {"apps/pyproject.toml": BUILD + NAMED, "apps/web/setup.cfg": "[flake8]\n"})
    laid(tmp_path, {"setup.py": "setup(name='all')"})
    assert find(str(tmp_path), "apps/web").directory == "apps"
    assert find(str(tmp_path), "").name == "all"


@pytest.mark.parametrize(
    ("files", "brings"),
    [({"app.py": ""}, False), ({"app/__init__.py": ""}, False), ({"src/app/x.py": ""}, True)],
)
def test_an_app_that_is_not_in_its_directory_is_brought_by_the_project(tmp_path, files, brings):
    assert brings_app(laid(tmp_path, files), "", "app.web:app") is brings


BACKEND = """
import os, shutil
def build_wheel(directory, config_settings=None, metadata_directory=None):
    print("version", os.environ["SETUPTOOLS_SCM_PRETEND_VERSION"])
    name = "greeting-1.0-py3-none-any.whl"
    return shutil.copy("wheels/" + name, directory) and name
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "greeting"
"""
WHEEL = wheel(
    "greeting",
    files={
        "greeting/__init__.py": "def main(): print('hello')\n",
        "greeting/words.txt": "hello\n",
        "greeting-1.0.dist-info/entry_points.txt": "[console_scripts]\ngreet = greeting:main\n",
    },
)
SOURCE = {
    "pyproject.toml": PROJECT,
    "backend.py": BACKEND,
    "wheels/greeting-1.0-py3-none-any.whl": WHEEL,
}


@pytest.fixture
def host(tmp_path, operator, monkeypatch):
    host = AppHost(tmp_path, operator)
    host.builds(monkeypatch)
    return host


@pytest.fixture
def venv(host, empty_venv):
    path = host.root / "venvs" / "0123456789abcdef"
    subprocess.run(["python3", "-m", "venv", "--without-pip", path], check=True)
    (pip,), (place,) = (each.glob("lib/python3*/site-packages") for each in (empty_venv, path))
    shutil.copytree(pip / "pip", place / "pip")
    host.has_venv(path.name, python=str(path / "bin" / "python"))
    return path.name


def made(host, venv, files, **more):
    run = host.run()
    commit = host.source.commit(files)
    host.send(host.run(), commit)
    run.about.commit = commit
    run.about.venv = venv
    return result(run, host.release(**more)), run


def test_the_project_is_installed_into_its_release(host, venv):
    done, run = made(host, venv, SOURCE, wsgi="greeting:main")
    assert done["state"] == "changed", done
    release = host.root / "releases" / run.about.release

    asked = subprocess.run([release / "project/bin/greet"], capture_output=True, text=True)
    (place,) = release.glob("project/lib/python*/site-packages")
    found = subprocess.run(
        [release / "project/bin/greet"], env={"PYTHONPATH": str(place)}, capture_output=True
    )
    assert (asked.returncode, found.stdout) == (1, b"hello\n")
    assert (place / "greeting/words.txt").read_text() == "hello\n"
    assert (release / "project/var").readlink() == host.root / "shared"
    manifest = json.loads((release / "manifest.json").read_text())["files"]
    inside = str(place.relative_to(release))
    assert f"{inside}/greeting/words.txt" in manifest
    assert not list((release / "code").glob("greeting*"))
    assert [path.name for path in release.parent.iterdir()] == [release.name]


def test_what_its_environment_has_is_not_installed_again(host, venv):
    host.has_venv(venv, python="python3", packages={"greeting": "1.0"})
    done, run = made(host, venv, SOURCE)
    assert done["state"] == "changed", done
    assert not (host.root / "releases" / run.about.release / "project").exists()


BROKEN = SOURCE | {"backend.py": "def build_wheel(*given): raise SystemExit('no such luck')\n"}


def test_a_project_that_cannot_be_built_and_brings_the_app_ends_the_deploy(host, venv):
    done, _ = made(host, venv, BROKEN, wsgi="greeting:main")
    assert done["state"] == "failed"
    assert any("no such luck" in line for line in done["log"]), done
    assert host.releases() == []


def test_an_app_beside_such_a_project_is_deployed_and_that_is_told(host, venv, operator):
    files = BROKEN | {"app.py": "app = print\n"}
    done, run = made(host, venv, files)
    assert done["state"] == "changed", done
    told = [event["text"] for event in operator.events() if event["event"] == "notice"]
    assert any(text.startswith("the project itself could not be installed") for text in told)
    assert not (host.root / "releases" / run.about.release / "project").exists()


PLANTS = """
import glob, os
(place,) = glob.glob("../.*.tmp/project")
os.symlink("/etc/shadow", place + "/out")
"""


def test_what_its_build_lays_beside_it_is_looked_at_as_a_stranger_s(host, venv):
    files = SOURCE | {"backend.py": BACKEND + PLANTS}
    done, _ = made(host, venv, files, wsgi="greeting:main")
    assert done["state"] == "failed"
    assert "project/out is not taken" in done["what"], done
    assert done["why"] == "this is a link that leaves it, to /etc/shadow"
    assert host.releases() == []
