"""What is known of a release whose app fails."""

import json
import os

import pytest

from flaskwright.agent.app.manifest import checksums
from flaskwright.agent.app.release_facts import LARGEST, facts_of
from flaskwright.agent.common.place import Place

ID = "20261120-110000-bbbbbbb"


@pytest.fixture
def root(tmp_path):
    """A release of an app in web/, with two paths that outlive it."""
    code = tmp_path / "releases" / ID / "code"
    for path, text in {"web/app.py": "app = Flask()\n", "README": "", "web/large.py": "#"}.items():
        (code / path).parent.mkdir(parents=True, exist_ok=True)
        (code / path).write_text(text)
    (code / "web/large.py").write_text("#" * (LARGEST + 1))
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "data.db").write_text("secret")
    for name in ("data.db", "uploads"):
        (code / "web" / name).symlink_to(tmp_path / "shared" / name)
    manifest = {
        "wsgi": "app:app",
        "directory": "web",
        "python": "Python 3.11.2 (main, ...) [GCC 12.2.0]",
        "files": checksums(str(code.parent)),
    }
    (code.parent / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path


def test_they_are_read_from_its_manifest(root):
    facts = facts_of(Place("blog", str(root)), ID)

    assert (facts.module, facts.directory, facts.python) == ("app", "web", "Python 3.11.2")
    assert sorted(facts.shared) == ["data.db", "uploads"]
    assert facts.of_app() == ["app.py", "data.db", "large.py", "uploads"]
    assert facts.text("app.py") == "app = Flask()\n"


def test_no_link_is_followed_to_what_the_app_may_write_and_nothing_large_is_read(root):
    facts = facts_of(Place("blog", str(root)), ID)

    assert [facts.text(path) for path in ("data.db", "large.py", "../README", "none")] == [""] * 4
    assert os.path.islink(root / "releases" / ID / "code/web/data.db")


def test_of_a_release_that_is_not_whole_nothing_is_known(tmp_path):
    assert facts_of(Place("blog", str(tmp_path)), ID).files == []
