"""Requirements installed by real pip, from wheels beside the app."""

import json
import os

import pytest

from ..app_host import AppHost
from ..support import result
from ..wheels import offline


@pytest.fixture
def host(tmp_path, operator, monkeypatch, quick_pip):
    host = AppHost(tmp_path, operator)
    host.builds(monkeypatch)
    return host


def installed(host, files, **more):
    """Run repository, venv and requirements; give the last result and the environment's path."""
    run = host.run()
    host.send(run, host.source.commit(files))
    made = result(run, host.environment("venv", **more))
    assert made["state"] in ("ok", "changed"), made
    done = result(run, host.environment("requirements", **more))
    return done, host.root / "venvs" / run.about.venv


def known(host, path):
    """What is noted of an environment."""
    return json.loads((host.state / "venvs" / f"{path.name}.json").read_text())


def test_requirements_are_installed_and_stay_so(host):
    done, path = installed(host, offline("greeting", "gunicorn"))

    assert done["state"] == "changed", done
    assert done["note"] == "requirements.txt"
    summary = known(host, path)
    assert {"greeting": "1.0", "gunicorn": "21.0"}.items() <= summary["packages"].items()
    assert summary["python"].endswith("/python3")
    assert os.listdir(path.parent) == [path.name]
    assert installed(host, {})[0]["state"] == "changed"  # -f wheels: each commit is another one

    dry = host.run("check")
    result(dry, host.repository(host.source.git("rev-parse", "HEAD")))
    assert result(dry, host.environment("requirements"))["state"] == "ok"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_file_that_windows_has_written_is_read_as_pip_reads_it(host, encoding):
    files = offline("greeting", "gunicorn")
    files["requirements.txt"] = files["requirements.txt"].replace("\n", "\r\n").encode(encoding)

    done, path = installed(host, files)

    assert done["state"] == "changed", done
    assert known(host, path)["packages"]["greeting"] == "1.0"


def test_a_project_without_a_requirements_file_brings_its_code(host):
    backend = (
        "import shutil\n"
        "def build_wheel(directory, config_settings=None, metadata_directory=None):\n"
        "    name = 'greeting-1.0-py3-none-any.whl'\n"
        "    return shutil.copy('wheels/' + name, directory) and name\n"
    )
    project = (
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "greeting"\nversion = "1.0"\ndynamic = ["dependencies"]\n'
    )
    files = {**offline(), "requirements.txt": "./project\ngunicorn\n--no-index\n-f wheels\n"}
    files |= {"project/pyproject.toml": project, "project/backend.py": backend}
    files["project/wheels/greeting-1.0-py3-none-any.whl"] = files[
        "wheels/greeting-1.0-py3-none-any.whl"
    ]

    done, path = installed(host, files)

    assert done["state"] == "changed", done
    assert known(host, path)["packages"]["greeting"] == "1.0"


def test_what_cannot_be_installed_leaves_nothing_behind(host):
    done, path = installed(host, offline("greeting==2.0", "gunicorn"))

    assert done["what"].startswith("ERROR: Could not find a version that satisfies")
    assert done["why"].startswith("there is no package that fits greeting==2.0 (for Python 3.")
    assert any("No matching distribution" in line for line in done["log"])
    assert not path.exists()
    assert os.listdir(host.root / "venvs") == []
