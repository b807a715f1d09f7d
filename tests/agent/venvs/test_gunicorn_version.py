"""Which gunicorn an app may ask for."""

import pytest

from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.venvs.gunicorn_version import is_too_old, must_start

TOO_OLD = [
    "gunicorn==20.0.4",
    "gunicorn == 19.9.0  # why not",
    "flask\nGunicorn[gevent]==20.0.4 \\\n    --hash=sha256:abc",
    "gunicorn<20.1",
    "gunicorn>=19,<20",
    "gunicorn<=20.0.4",
    "gunicorn~=20.0.4",
    "gunicorn==20.0.*",
    "gunicorn==19.*",
    '[project]\ndependencies = ["flask", "gunicorn==20.0.4"]',
]
GOOD = [
    "gunicorn",
    "gunicorn>=19",
    "gunicorn~=20.0",
    "gunicorn==20.1.0",
    "gunicorn==27.0.1",
    "gunicorn<21",
    "gunicorn<20.1.1",
    "gunicorn!=20.0.4",
    'gunicorn==20.0.4 ; python_version < "3.8"',
    "gunicorn-color==0.1.0",
    "# gunicorn==20.0.4",
    "uvicorn==0.1",
    "gunicorn @ https://example.org/gunicorn-20.0.4.tar.gz",
]


@pytest.mark.parametrize("text", TOO_OLD)
def test_one_that_cannot_be_started_is_refused_with_the_line_to_write(text):
    with pytest.raises(Failed) as caught:
        must_start("requirements.txt", text)

    assert caught.value.what.startswith("requirements.txt asks for ")
    assert "20.1 is the first" in caught.value.what
    assert caught.value.next.startswith("write gunicorn>=20.1 in requirements.txt")


@pytest.mark.parametrize("text", GOOD)
def test_all_others_are_built(text):
    must_start("requirements.txt", text)


@pytest.mark.parametrize(
    ("version", "too_old"),
    [("19.9.0", True), ("20.0.4", True), ("20.1.0", False), ("27.0.1", False), ("23", False)],
)
def test_what_is_installed_in_the_end(version, too_old):
    assert is_too_old(version) is too_old
