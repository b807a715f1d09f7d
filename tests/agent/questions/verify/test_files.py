"""Files that everybody gets, and files that nobody does."""

import pytest

from flaskwright.agent.questions.verify import files as file_checks
from flaskwright.agent.questions.verify.site import SiteLook
from flaskwright.agent.web import visit

from ...web_answers import Web, fields_of_site

URL = "https://blog.test"
STYLE = b"p { margin: 0 }\n" * 30
KEPT = [("Cache-Control", "max-age=3600"), ("Expires", "then")]


@pytest.fixture
def code(tmp_path):
    code = tmp_path / "current" / "code"
    (code / "static").mkdir(parents=True)
    (code / "app.py").write_text("app = Flask(__name__)")
    (code / "static" / "a.png").write_bytes(b"picture")
    (code / "static" / "style.css").write_bytes(STYLE)
    (code / "static" / "nowhere.css").symlink_to("nothing")
    (code / "robots.txt").write_text("User-agent: *\n")
    return code


@pytest.fixture
def web(monkeypatch):
    web = Web()
    monkeypatch.setattr(visit, "visit", web.visit)
    return web


@pytest.fixture
def site(tmp_path, run, web, code):
    return lambda **more: SiteLook(fields_of_site(**more), run)


def served(web, path, data, *fields, status=200):
    length = ("Content-Length", str(len(data)))
    web.put(f"{URL}{path}", status, length, *fields, body=data)


def test_a_text_is_asked_for_and_has_to_be_compressed(web, site):
    served(web, "/static/style.css", STYLE, *KEPT, ("Vary", "Accept-Encoding"))

    found = list(file_checks.static(site(static={"/static/": "static/"})))

    assert found == [("/static/style.css, 480 bytes, gzip", "ok")]


def test_a_file_of_the_root(web, site):
    served(web, "/robots.txt", b"User-agent: *\n", *KEPT)
    robots = {"/robots.txt": "robots.txt"}

    assert list(file_checks.static(site(static=robots))) == [("/robots.txt, 14 bytes", "ok")]
    assert "/robots.txt" not in next(file_checks.source(site(static=robots)))[0]


@pytest.mark.parametrize(
    ("fields", "status", "data", "said"),
    [
        (KEPT, 200, STYLE, "it is not compressed"),
        (KEPT, 404, STYLE, "status 404, 480 bytes; it is not compressed"),
        (KEPT, 200, b"a page", "status 200, 6 bytes; it is not compressed"),
        ([], 200, STYLE, "kept for nothing, not for an hour; it is not compressed"),
    ],
)
def test_what_is_not_served_as_it_should_be(web, site, fields, status, data, said):
    served(web, "/static/style.css", data, *fields, status=status)

    ((_, state),) = file_checks.static(site(static={"/static/": "static/"}))

    assert state == f"wrong: {said}"


def test_a_place_without_files_and_a_file_that_is_not_there(site):
    places = {"/a/": "nothing/", "/b.txt": "b.txt"}

    assert list(file_checks.static(site(static=places))) == [
        ("/a/", "ok"),
        ("/b.txt", "wrong: b.txt is not in the release: commit it, or leave it out of `static`"),
    ]


def test_source_is_asked_for_where_others_have_leaked_it(web, site):
    web.put(URL, 200, body=b"<h1>a page for every path</h1>")

    ((looked, state),) = file_checks.source(site(static={"/static/": "static/"}))

    assert state == "ok"
    assert {"/.git/config", "/.env", "/app.py", "/static../app.py"} <= set(looked.split(", "))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/app.py", b"app = Flask(__name__)"),
        ("/static../app.py", b"app = Flask(__name__)"),
        ("/.git/config", b"[core]\n\trepositoryformatversion = 0\n"),
    ],
)
def test_source_that_leaks_is_named(web, site, path, body):
    web.put(URL + path, 200, body=body)

    ((_, state),) = file_checks.source(site(static={"/static/": "static/"}))

    assert state == f"wrong: visitors get {path}"
