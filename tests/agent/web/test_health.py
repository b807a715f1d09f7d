"""What counts as a healthy answer, and where a redirect leads."""

import pytest

from flaskwright.agent.common.site import Site
from flaskwright.agent.web.health import Health
from flaskwright.agent.web.http import Reply

HOST = "blog.example.org"


class Pages:
    """Pages by path: status, headers, body; `asked` are the requests."""

    def __init__(self, **pages):
        self.pages = {f"/{name}".replace("/root", "/"): page for name, page in pages.items()}
        self.asked = []

    def __call__(self, path, secure, **fields):
        self.asked.append((path, secure, fields.get("Cookie", "")))
        status, *more = self.pages[path.partition("?")[0]]
        fields = list(more[0].items()) if more else []
        body = more[1] if len(more) > 1 else b""
        return Reply(status, dict(fields), body, fields)


def complaint(pages, *expected, https=False):
    return Health("/", expected).complaint(pages, Site(HOST, "https" if https else "http"))


def to(location, status=302, **more):
    return status, {"Location": location, **more}


@pytest.mark.parametrize(
    ("status", "expected", "said"),
    [
        (200, (), ""),
        (204, (), ""),
        (304, (), ""),
        (401, (), "/ answers 401"),
        (401, (200, 401), ""),
        (200, (401,), "/ answers 200"),
        (500, (), "/ answers 500"),
        (302, (302,), ""),
    ],
)
def test_the_status_counts(status, expected, said):
    assert complaint(Pages(root=(status,)), *expected) == said


@pytest.mark.parametrize(
    "location",
    [
        "/login",
        "login",
        "./login?next=/",
        f"http://{HOST}/login",
        f"http://{HOST.upper()}:80/login",
        f"https://{HOST}/login",
        f"https://{HOST}:443/login#top",
        f"//{HOST}/login",
    ],
)
def test_a_redirect_within_the_site_is_followed_and_its_end_counts(location):
    assert complaint(Pages(root=to(location), login=(200,))) == ""
    assert complaint(Pages(root=to(location), login=(401,)), 200, 401) == ""
    said = complaint(Pages(root=to(location), login=(500,)))
    assert said == "/ leads to /login, which answers 500"


def test_the_same_name_by_https_is_asked_for_as_https():
    pages = Pages(root=to(f"https://{HOST}/login"), login=(200,))

    assert complaint(pages) == ""
    assert [secure for _, secure, _ in pages.asked] == [False, True]


@pytest.mark.parametrize(
    "location",
    [
        "https://login.example.com/",
        f"http://{HOST}:8080/",
        f"http://me@{HOST}/",
        "mailto:a@b",
        "http://[",
    ],
)
def test_one_that_leads_off_the_site_counts_by_its_own_status(location):
    assert complaint(Pages(root=to(location))) == ""
    assert complaint(Pages(root=to(location)), 200, 302) == ""
    assert complaint(Pages(root=to(location)), 200) == "/ answers 302"


def test_circles_are_named():
    circle = Pages(root=to("/a"), a=to("/login?next=/a"), login=to("/a"))
    assert complaint(circle) == "/ leads to /a, which leads to /login, which leads to /a again"
    assert complaint(Pages(root=to("/"))) == "/ leads to / again"


def test_it_ends_where_each_redirect_leads_to_another():
    calls = iter(range(100))

    def get(path, secure, **fields):
        return Reply(302, {"Location": f"/?{next(calls)}"}, b"")

    assert complaint(get).endswith("leads on and on")
    assert next(calls) < 10


def test_cookies_come_back():
    """Some apps look for one before they show anything, and lead round in circles without."""
    pages = Pages(root=to("/b", **{"Set-Cookie": "session=x=y; Path=/; HttpOnly"}), b=(200,))

    assert complaint(pages) == ""
    assert [cookie for _, _, cookie in pages.asked] == ["", "session=x=y"]


def test_what_the_page_says_is_told_as_a_reader_sees_it():
    page = (
        b"<!doctype html><head><title>x</title></head><style>p {}</style><h1>Oh &amp; no</h1>\n"
        b"<p>The \x1b[31mdatabase   is\n\n gone</p>\n<p>b</p><script>alert(1)</script> \xff tail"
    )
    health = Health("/")

    health.complaint(Pages(root=(500, {}, page)), Site(HOST))

    assert health.said == ["Oh & no", "The database is", "gone"]


def test_no_answer_is_told_with_where_it_led():
    health = Health("/")

    def get(path, secure, **fields):
        if path == "/":
            return Reply(302, {"Location": "/slow"}, b"")
        raise OSError("timed out")

    with pytest.raises(OSError) as caught:
        health.complaint(get, Site(HOST))
    assert health.unanswered(caught.value) == "/ leads to /slow, which gives no answer: timed out"
