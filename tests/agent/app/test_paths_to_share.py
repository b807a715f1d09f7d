"""What an app's code would write beside itself, by its text alone."""

import pytest

from flaskwright.agent.app import paths_to_share
from flaskwright.agent.app.advice import Facts


def unshared(text, shared=(), **files):
    texts = {"app.py": text, **files}
    facts = Facts(files=list(texts), shared=list(shared), read=texts.get, directory="")
    return paths_to_share.unshared(facts)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('db = sqlite3.connect("data.db")', ["data.db"]),
        ('app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///site.db"', ["site.db"]),
        ('UPLOAD_FOLDER = "static/uploads"', ["static/uploads/"]),
        ("app.config['UPLOAD_FOLDER'] = 'uploads/'", ["uploads/"]),
        ('UPLOADS = os.path.join("static", "uploads")', ["static/uploads/"]),
        ('MEDIA_ROOT = os.path.join(app.root_path, "media")', ["media/"]),
        ('app.config["UPLOAD_FOLDER"]="up"\nsqlite3.connect("a.db")', ["up/", "a.db"]),
        # What a variable can put elsewhere, what is elsewhere, and what is something else.
        ('DATABASE = os.environ.get("DATABASE", "guestbook.db")', []),
        ('UPLOAD_FOLDER = os.getenv("UPLOADS", "uploads")', []),
        ('UPLOAD_FOLDER = "/var/uploads"', []),
        ('UPLOAD_FOLDER = "../uploads"', []),
        ('# UPLOAD_FOLDER = "uploads"', []),
        ('UPLOAD_EXTENSIONS = [".jpg", ".png"]', []),
        ('sqlite3.connect(":memory:")', []),
        ("MAX_UPLOAD = 16", []),
    ],
)
def test_what_is_written_beside_the_code_is_named(text, named):
    assert unshared(text) == named


@pytest.mark.parametrize("shared", [["data.db", "static/"], ["data.db", "static/uploads/"]])
def test_what_is_shared_is_not(shared):
    assert unshared('connect("data.db")\nUPLOAD_FOLDER = "static/uploads"', shared) == []


def test_one_answer_names_all_of_it():
    """A second deploy should serve: who adds a path has no other left to find out."""
    texts = {"app.py": 'sqlite3.connect("data.db")\nUPLOAD_FOLDER = "static/uploads"\n'}
    facts = Facts(files=["app.py"], shared=["notes.txt"], read=texts.get)

    said = paths_to_share.database({}, facts, "")["next"]

    assert (
        said
        == 'shared = ["notes.txt", "data.db", "static/uploads/"] in hosts.toml, then deploy again'
    )


UPLOADS = 'UPLOAD_FOLDER = "static/uploads"\nsqlite3.connect("data.db")\n'


@pytest.mark.parametrize(
    ("path", "shared", "keys"),
    [
        ("static", [], '["static/uploads/", "data.db"]'),
        ("static/uploads", [], '["static/uploads/", "data.db"]'),
        ("static/made/x.css", [], '["static/", "data.db"]'),
        (
            "static/made/x.css",
            ["static/uploads/"],
            '["static/uploads/", "static/made/", "data.db"]',
        ),
        ("static", ["data.db"], '["data.db", "static/uploads/"]'),
    ],
)
def test_no_path_is_shared_within_another(path, shared, keys):
    """hosts.toml would be refused for it."""
    facts = Facts(files=["app.py"], shared=shared, read={"app.py": UPLOADS}.get)

    said = paths_to_share.written({"path": path}, facts, "")["next"]

    assert said == f"shared = {keys} in hosts.toml, then deploy again"
