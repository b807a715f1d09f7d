"""Who reaches a site, and who does not."""

import pytest

from flaskwright.agent.questions.verify import visitors
from flaskwright.agent.questions.verify.site import SiteLook
from flaskwright.agent.web import visit

from ...web_answers import CAREFUL, Web, fields_of_site

URL = "https://blog.test"
THERE = ("Location", f"{URL}{visitors.ASKED}")


@pytest.fixture
def web(monkeypatch):
    web = Web()
    for name in ("http://blog.test", "http://www.blog.test", "https://www.blog.test"):
        web.put(name, 301, THERE)
    web.put(URL, 404, *CAREFUL)
    web.put(f"{URL}/health", 200, *CAREFUL)
    for module in (visitors, visit):
        monkeypatch.setattr(module, "visit", web.visit)
    return web


@pytest.fixture
def site(tmp_path, run):
    def made(https=True, **more):
        run.site.scheme = "https" if https else "http"
        return SiteLook(fields_of_site(**more), run)

    return made


def states(findings):
    return [state for _, state in findings]


def test_a_site_as_it_should_be(web, site):
    checks = visitors.answers, visitors.redirects, visitors.headers, visitors.strangers

    found = [state for check in checks for state in states(check(site()))]

    assert found == ["ok"] * (1 + 3 + 2 + 3)


def test_over_plain_http_there_is_less_to_look_at(web, site):
    web.put("http://blog.test", 200)
    web.put("http://www.blog.test", 301, ("Location", f"http://blog.test{visitors.ASKED}"))
    plain = site(https=False)

    assert states(visitors.redirects(plain)) == ["ok"]
    assert [*visitors.headers(plain), *visitors.certificates(plain)] == []
    assert states(visitors.strangers(plain)) == ["ok"]


@pytest.mark.parametrize(
    ("status", "to", "said"),
    [
        (200, None, "status 200, to nowhere"),
        (302, THERE, f"status 302, to {THERE[1]}"),
        (301, ("Location", f"{URL}/"), f"status 301, to {URL}/"),
    ],
)
def test_an_alias_that_does_not_lead_to_the_domain(web, site, status, to, said):
    web.put("https://www.blog.test", status, *filter(None, [to]))

    assert states(visitors.redirects(site()))[-1] == f"wrong: {said}"


def test_a_site_that_is_not_well(web, site):
    web.put(f"{URL}/health", 502)

    assert states(visitors.answers(site())) == ["wrong: /health answers 502"]


LONG = "Strict-Transport-Security"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (CAREFUL[:2], "Referrer-Policy is sent not"),
        ([*CAREFUL, CAREFUL[1]], "X-Frame-Options is sent 2 times"),
        ([*CAREFUL, (LONG, "max-age=31536000")], ""),
        ([*CAREFUL, (LONG, "max-age=1; includeSubDomains; preload")], ""),
        ([*CAREFUL, (LONG, "31536000")], f"{LONG}: 31536000"),
        ([*CAREFUL, (LONG, "max-age=1"), (LONG, "max-age=1")], f"{LONG}: max-age=1, max-age=1"),
    ],
)
def test_headers_that_make_a_browser_careful(web, site, sent, said):
    web.put(f"{URL}/health", 200, *sent)

    assert states(visitors.headers(site()))[0] == (f"wrong: {said}" if said else "ok")


@pytest.mark.parametrize(
    ("scheme", "status", "said"),
    [
        ("http", 200, ["wrong: nginx answers 200", "ok", "ok"]),
        ("https", 404, ["ok", "wrong: nginx answers 404", "wrong: nginx answers 404"]),
        ("https", 421, ["ok", "ok", "ok"]),
    ],
)
def test_a_name_that_is_nobodys(web, site, scheme, status, said):
    web.put(f"{scheme}://unknown.invalid", status, ("Server", "nginx"))

    assert states(visitors.strangers(site())) == said


def test_where_nothing_listens_no_stranger_is_refused(web, site):
    web.pages["http", "unknown.invalid", "*"] = ConnectionRefusedError()

    assert states(visitors.strangers(site()))[0] == "wrong: nothing listens"
