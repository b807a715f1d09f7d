"""What an app requires, found in a commit: here a dictionary of paths and texts."""

import pytest

from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.venvs.declared import find

DIR = "requirements"
STATIC = '[project]\nname = "x"\ndependencies = ["flask"]\n'
DYNAMIC = '[project]\nname = "x"\ndynamic = ["version", "dependencies"]\n'
BUILT = '[build-system]\nrequires = ["poetry-core"]\n[tool.poetry]\nname = "x"\n'


@pytest.mark.parametrize(
    ("files", "entry"),
    [
        ({"requirements.txt": "", "pyproject.toml": STATIC}, "requirements.txt"),
        ({f"{DIR}/production.txt": "", f"{DIR}/base.txt": ""}, "requirements/production.txt"),
        ({f"{DIR}/prod.txt": "", f"{DIR}/base.txt": ""}, "requirements/prod.txt"),
        ({"requirements/base.txt": ""}, "requirements/base.txt"),
        ({"py3requirements.txt": "", "pyproject.toml": STATIC}, "py3requirements.txt"),
        ({"pyproject.toml": STATIC}, "pyproject.toml"),
        ({"pyproject.toml": "[tool.ruff]\n"}, ""),
        ({}, ""),
    ],
)  # fmt: skip
def test_the_first_usual_file_is_found(files, entry):
    assert find(files.get, "", None).entry == entry


def test_the_app_s_directory_comes_before_those_above_it():
    files = {"requirements.txt": "top", "apps/web/requirements.txt": "web"}

    assert find(files.get, "apps/web", None).entry == "apps/web/requirements.txt"
    assert find(files.get, "apps/other", None).entry == "requirements.txt"


def test_a_given_file_is_the_only_one_looked_for():
    files = {"requirements.txt": "", "reqs/live.txt": ""}

    assert find(files.get, "", "reqs/live.txt").entry == "reqs/live.txt"
    with pytest.raises(Failed, match=r"the commit has no file reqs/none.txt"):
        find(files.get, "", "reqs/none.txt")


@pytest.mark.parametrize(
    "option", ["-r ", "-r", "--requirement ", "--requirement=", "-c ", "-c../reqs/"]
)
def test_nested_files_belong_to_it(option):
    files = {
        "reqs/prod.txt": f"{option}base.txt  # all\n",
        "reqs/base.txt": "-r more.txt",
        "reqs/more.txt": "",
    }

    assert set(find(files.get, "", "reqs/prod.txt").files) == set(files)


def test_files_that_name_each_other_are_read_once():
    files = {"requirements.txt": "-r b.txt", "b.txt": "-r requirements.txt"}

    assert set(find(files.get, "", None).files) == set(files)


def test_a_nested_file_that_is_not_there_is_told():
    with pytest.raises(Failed, match=r"requirements.txt names b.txt"):
        find({"requirements.txt": "-r b.txt"}.get, "", None)


@pytest.mark.parametrize(
    "line",
    [
        "-r ../x.txt",
        "-r /etc/x",
        "-c ../x",
        "../lib",
        "-e ..",
        "/srv/lib",
        "x @ file:///srv/x",
        "-f ../w",
    ],
)
def test_a_path_that_leaves_the_repository_is_refused(line):
    with pytest.raises(Failed, match="outside of the repository"):
        find({"requirements.txt": line}.get, "", None)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("flask>=3 ; python_version > '3.8'", False),
        ("git+https://example.org/x.git#egg=x", False),
        ("-e git+https://example.org/x.git#egg=x", False),
        ("x @ https://example.org/x.whl", False),
        ("--extra-index-url https://example.org/simple", False),
        ("-f https://example.org/wheels", False),
        ("# ./lib", False),
        ("-e .", True),
        ("-e.[dev]", True),
        ("--editable=./lib", True),
        ("./lib", True),
        ("lib/sub", True),
        ("wheels/x-1.0-py3-none-any.whl", True),
        ("x.tar.gz", True),
        ("-f wheels", True),
        ("x @ file:lib", True),
    ],
)
def test_what_is_installed_from_the_code_makes_each_commit_another_environment(line, code):
    assert find({"requirements.txt": line}.get, "", None).code is code


POETRY = '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\nflask = "*"\n' + BUILT


@pytest.mark.parametrize(
    ("text", "built", "code"),
    [
        (STATIC, False, False),
        (DYNAMIC, True, True),
        (BUILT, True, True),
        (POETRY, True, False),
        (POETRY + '[tool.poetry.dependencies]\nx = { path = "../x" }\n', True, True),
        (POETRY + DYNAMIC, True, True),
    ],
)
def test_a_project_says_its_dependencies_or_its_build_does(text, built, code):
    found = find({"pyproject.toml": text}.get, "", None)
    assert (found.built, found.code) == (built, code)


def test_nothing_stays_editable():
    files = {"requirements.txt": "-e .\n--editable=./lib\n  -e git+https://x/y#egg=y\nflask -e\n"}
    text = find(files.get, "", None).installable()["requirements.txt"]

    assert text == ".\n./lib\n git+https://x/y#egg=y\nflask -e\n"


@pytest.mark.parametrize(
    ("line", "brings"),
    [
        ("gunicorn", True),
        ("Gunicorn[gevent] >=20", True),
        ("gunicorn==23.0", True),
        ("gunicorn-x", False),
    ],
)
def test_gunicorn_is_noticed(line, brings):
    assert find({"requirements.txt": f"flask\n{line}\n"}.get, "", None).brings_gunicorn is brings


@pytest.mark.parametrize(
    ("name", "text", "gunicorn"),
    [
        ("requirements.txt", "flask\n", "gunicorn"),
        ("requirements.txt", "flask\ngevent==24.11.1\n", "gunicorn[gevent]"),
        ("requirements.txt", "gevent-websocket\n", "gunicorn"),
        ("requirements.txt", "flask\n  Eventlet\n", "gunicorn<26"),
        ("requirements.txt", "eventlet\ngevent>=24\n", "gunicorn[gevent]<26"),
        ("pyproject.toml", STATIC.replace('"flask"', '"flask", "eventlet>=0.40"'), "gunicorn<26"),
        ("pyproject.toml", STATIC, "gunicorn"),
    ],
)
def test_a_gunicorn_is_required_that_has_workers_of_what_is_listed(name, text, gunicorn):
    assert find({name: text}.get, "", None).gunicorn == gunicorn


def test_hashes_are_noticed():
    assert find({"requirements.txt": "x==1 \\\n  --hash=sha256:1"}.get, "", None).hashed


def test_utf_16_that_does_not_say_so_is_refused_with_the_way_out():
    with pytest.raises(Failed, match="is no text that pip could read") as failed:
        find({"requirements.txt": "f\0l\0a\0s\0k\0"}.get, "", None)

    assert "Out-File -Encoding utf8 requirements.txt" in failed.value.next
