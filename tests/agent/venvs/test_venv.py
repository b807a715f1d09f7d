"""The environment that a commit needs, and its making."""

import os
import subprocess

import pytest

from flaskwright.agent.system.disk import remove_tree
from flaskwright.agent.venvs.environment import environment_of
from flaskwright.agent.venvs.notes import VenvMarks

from ..app_host import AppHost
from ..support import ME, handler, result


@pytest.fixture
def host(tmp_path, operator, monkeypatch):
    host = AppHost(tmp_path, operator)
    host.builds(monkeypatch)
    return host


def environment(host, files=None, python="python3", directory="", requirements=None):
    """The environment of a new commit with these files."""
    run = host.run()
    if files is not None:
        host.send(run, host.source.commit(files))
    run.about.commit = host.source.git("rev-parse", "HEAD")
    asked = host.environment("venv", python=python, directory=directory, requirements=requirements)
    return environment_of(run, handler(run, asked))


def test_the_hash_is_that_of_interpreter_and_requirements(host):
    first = environment(host, {"requirements.txt": "flask", "app.py": "1"})

    assert environment(host, {"app.py": "2"}).hash == first.hash
    assert environment(host, {"requirements.txt": "flask>3"}).hash != first.hash
    assert len(first.hash) == 16


def test_code_that_is_installed_is_part_of_the_hash(host):
    first = environment(host, {"requirements.txt": "./lib", "lib/x.py": "1"})

    assert environment(host, {"lib/x.py": "2"}).hash != first.hash


def test_an_environment_is_made_in_place_and_anew_when_it_was_broken_off(host, request):
    run = host.run()
    host.send(run, host.source.commit({"app.py": "1"}))
    made = result(run, host.environment("venv"))
    path = host.root / "venvs" / run.about.venv

    assert made["state"] == "changed", made
    assert made["note"].startswith("Python 3.")
    subprocess.run([path / "bin" / "pip", "--version"], check=True, capture_output=True)
    assert result(run, host.environment("venv"))["state"] == "ok"

    request.getfixturevalue("quick_pip")
    VenvMarks(host.place).forget(path.name)  # installing was cut off
    (path / "half").write_text("")
    assert result(run, host.environment("venv"))["state"] == "changed"
    assert not (path / "half").exists()


def test_one_that_a_release_has_stays_where_nothing_is_known_of_it_any_more(host):
    run = host.run()
    host.send(run, host.source.commit({"app.py": "1"}))
    asked = host.environment("venv")
    result(run, asked)
    live = host.root / "venvs" / run.about.venv
    VenvMarks(host.place).forget(live.name)
    host.has("one")
    (host.root / "releases" / "one" / "manifest.json").write_text(f'{{"venv": "{live.name}"}}')

    again = host.run()
    again.about.commit = run.about.commit
    assert result(again, asked)["state"] == "changed"

    assert again.about.venv != live.name
    assert (live / "bin" / "python").exists()


def test_a_python_that_is_not_there_is_told(host):
    host.send(host.run(), host.source.commit({"app.py": "1"}))
    run, dry = host.run(), host.run("check")
    run.about.commit = dry.about.commit = host.source.git("rev-parse", "HEAD")
    resource = host.environment("venv", python="python3.0")

    assert result(run, resource)["what"] == "python3.0 is not on this host"
    assert result(dry, resource)["state"] == "would run"


def test_a_dry_run_waits_for_the_commit(host):
    dry, commit = host.run("check"), host.source.commit({"app.py": "1"})
    result(dry, host.repository(commit))

    waiting = result(dry, host.environment("venv"))

    assert (waiting["state"], waiting["note"]) == ("would run", "after the commit is on the host")
    assert dry.about.venv == ""


def test_without_a_repository_in_the_plan_there_must_be_a_release(host):
    assert result(host.run(), host.environment("venv"))["what"] == f"{ME} has no release yet"


def test_what_stands_in_an_environment_says_nothing_about_it(host):
    run = host.run()
    host.send(run, host.source.commit({"app.py": "1"}))
    result(run, host.environment("venv"))
    path = host.root / "venvs" / run.about.venv
    (path / ".complete").write_text('{"python": "/bin/false", "version": "", "packages": {}}')

    dry = host.run("check")
    dry.about.commit = host.source.git("rev-parse", "HEAD")

    assert result(dry, host.environment("requirements"))["state"] == "would change"


@pytest.mark.parametrize("kind", ["nothing", "file", "link", "directory"])
def test_whatever_is_at_a_path_is_removed(tmp_path, kind):
    path, kept = tmp_path / "x", tmp_path / "kept"
    kept.mkdir()
    if kind == "file":
        path.write_text("")
    elif kind == "link":
        path.symlink_to(kept)
    elif kind == "directory":
        (path / "below").mkdir(parents=True)

    remove_tree(str(path))

    assert not os.path.lexists(path)
    assert kept.is_dir()
