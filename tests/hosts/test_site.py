"""What visitors get, and what nobody gets: from outside, through nginx."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from .conftest import Live, on
from .visitor import ask, page

pytestmark = on("bookworm", whole=["trixie"])

PROBE = Path(__file__).parent / "apps" / "probe.py"
SECRET = "only for those who may read the repository"
PRIVATE = ("app.py", "probe.py", ".env", "guestbook.db", "templates/index.html")
UPWARDS = (
    "/static/../{}",
    "/static../{}",
    "/static/%2e%2e/{}",
    "/static/.%2e/{}",
    "/static/..%2f{}",
    "/static..%2f{}",
    "/static/..%5c{}",
    "/static/%252e%252e/{}",
    "/static//../{}",
    "//static/../{}",
    "//static/..%2f{}",
    "/static/./../{}",
    "/static/style.css/../../{}",
    "/static/..;/{}",
    "/static/..%00/{}",
    "/static\\..\\{}",
)
FORGED = {
    "X-Forwarded-For": "6.6.6.6",
    "X-Forwarded-Proto": "forged",
    "X-Forwarded-Host": "forged.example",
    "X-Forwarded-Port": "6666",
    "X-Forwarded-Prefix": "/forged",
    "X-Forwarded-Ssl": "forged",
    "X-Forwarded-Protocol": "forged",
    "X-Forwarded-Scheme": "forged",
    "X-Forwarded-Server": "forged",
    "X-Real-IP": "6.6.6.6",
    "Forwarded": "for=6.6.6.6;proto=forged",
    "Proxy": "http://forged.example",
    "X_Forwarded_For": "6.6.6.6",
    "SCRIPT_NAME": "/forged",
}


ROOT = {"/robots.txt": "text/plain", "/sitemap.xml": "text/xml", "/favicon.ico": "image/x-icon"}


@pytest.fixture(scope="module")
def site(live: Live) -> Live:
    """The site of a repository with secrets in it, and routes that tell what arrives."""
    project = live.project
    for name in PRIVATE:
        file = project.app / name
        text = PROBE.read_text() if name == "probe.py" else ""
        file.write_text((file.read_text() if file.exists() else text) + f"\n# {SECRET}\n")
    index = project.app / "templates/index.html"
    index.write_text(f"{{# {SECRET} #}}\n{index.read_text()}".replace(f"\n# {SECRET}\n", ""))
    project.git("add", "--force", *PRIVATE)  # somebody has forgotten a .gitignore
    project.commit("secrets")
    at_the_root = {url: f"static{url}" for url in ROOT}
    for path in at_the_root.values():
        (project.app / path).write_text(f"what {path} says\n" * 20)
    project.commit("files of the root")
    project.declare(wsgi="probe:app", static={"/static/": "static/", **at_the_root})
    live.deploy()
    return live


def test_page(site: Live) -> None:
    answer = ask(site.address)
    assert answer is not None
    assert answer.status == 200
    assert answer.headers.get_content_type() == "text/html"
    assert answer.headers["Server"] == "nginx"
    assert "<h1>Guestbook</h1>" in answer.text


def test_style_sheet(site: Live) -> None:
    address = "/static/style.css"
    assert address in page(site.address)
    answer = ask(site.address, address, headers={"Accept-Encoding": "gzip"})
    assert answer is not None
    assert answer.status == 200
    assert answer.headers.get_content_type() == "text/css"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "max-age=3600"
    times = [parsedate_to_datetime(answer.headers[name]) for name in ("Expires", "Date")]
    assert (times[0] - times[1]).total_seconds() == 3600
    versioned = ask(site.address, f"{address}?v=1f3a")
    assert versioned is not None
    assert versioned.headers.get_all("Cache-Control") == ["max-age=31536000", "immutable"]
    assert page(site.address, address) == (site.project.app / "static/style.css").read_text()


@pytest.mark.parametrize("url", ROOT)
def test_files_of_the_root(site: Live, url: str) -> None:
    answer = ask(site.address, url, headers={"Accept-Encoding": "gzip"})
    assert answer is not None
    assert (answer.status, answer.headers.get_content_type()) == (200, ROOT[url])
    assert answer.headers["Cache-Control"] == "max-age=3600"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert page(site.address, url) == f"what static{url} says\n" * 20


def test_small_answers_are_not_compressed(site: Live) -> None:
    answer = ask(site.address, "/health", headers={"Accept-Encoding": "gzip"})
    assert answer is not None
    assert "Content-Encoding" not in answer.headers


def test_form_writes_a_row(site: Live) -> None:
    entry = {"name": "Ada", "message": "first <b>&</b> foremost"}
    origin = {"Origin": f"http://{site.address}"}
    answer = ask(site.address, form=entry, headers=origin)
    assert answer is not None
    assert answer.status == 303
    assert "first &lt;b&gt;&amp;&lt;/b&gt; foremost" in page(site.address)
    database = "/srv/guestbook/shared/guestbook.db"
    assert site.shell(f"sudo stat -c '%U %G %a' {database}").split() == ["guestbook"] * 2 + ["600"]
    dump = f"import sqlite3; print(*sqlite3.connect('{database}').iterdump())"
    assert "'Ada','first <b>&</b> foremost'" in site.shell(f'sudo python3 -c "{dump}"')


def test_form_of_another_site_is_refused(site: Live) -> None:
    answer = ask(site.address, form={"name": "x", "message": "y"}, headers={"Origin": "http://z"})
    assert answer is not None
    assert answer.status == 403


@pytest.mark.parametrize("name", PRIVATE)
def test_code_is_never_served(site: Live, name: str) -> None:
    assert SECRET in site.shell(f"cat /srv/guestbook/current/code/{name}")
    for form in ("/{}", "//{}", "/code/{}", "/shared/{}", *UPWARDS):
        _never(site, form.format(name))


@pytest.mark.parametrize(
    "path", ["/.git/config", "/.git/HEAD", "/repo.git/config", "/__pycache__/"]
)
def test_what_git_and_python_leave_is_never_served(site: Live, path: str) -> None:
    for form in ("{}", *UPWARDS):
        _never(site, form.format(path if form == "{}" else path[1:]))


@pytest.mark.parametrize("step", ["../", "..%2f", "%2e%2e/", ".%2e/", "%2e%2e%2f", "..%5c", "..\\"])
def test_files_of_the_host_are_never_served(site: Live, step: str) -> None:
    for depth in range(9):
        for start in ("/", "//", "/static/", "/static", "/static//", "/static/%2f"):
            _never(site, f"{start}{step * depth}etc/passwd")


def _never(site: Live, path: str) -> None:
    """Ask over IPv4 and IPv6; nothing private may come, and no list of files."""
    for address in (site.address, site.host.address6):
        answer = ask(address, path, host=site.address)
        if answer is not None:
            assert answer.status >= 300, f"{path}: {answer.status}"
            for private in (SECRET, "root:x:", "Index of", "repositoryformatversion"):
                assert private.encode() not in answer.body, f"{path} gives {private}"


def test_static_directory_is_not_listed(site: Live) -> None:
    for path in ("/static/", "/static", "/static/."):
        _never(site, path)


@pytest.mark.parametrize("name", ["unknown.invalid", "localhost", "xn--", "guestbook.test.", "_"])
def test_unknown_names_get_no_answer(site: Live, name: str) -> None:
    for address in (site.address, site.host.address6):
        assert ask(address, host=name) is None


def test_address_gets_the_site_over_ipv6(site: Live) -> None:
    assert "Guestbook" in page(site.host.address6, host=f"[{site.host.address6}]")


def test_forged_headers_do_not_reach_the_app(site: Live) -> None:
    answer = ask(site.address, "/probe/headers", headers=FORGED)
    assert answer is not None
    assert answer.status == 200
    for forged in ("6.6.6.6", "6666", "forged"):
        assert forged not in answer.text
    assert '"X-Forwarded-Proto":"http"' in answer.text
