"""A release tried where no visitor comes."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from flaskwright.agent.engine.errors import Failed, Stopped
from flaskwright.agent.transaction import canary as canary_module
from flaskwright.agent.transaction.canary import Canary
from flaskwright.agent.web import http
from flaskwright.agent.web.health import Health

from ..slot_host import CANARY, NEW, OLD, ONE
from ..support import SITE, over_https

UNITS = [f"{CANARY}.{kind}" for kind in ("service", "socket")]


@pytest.fixture
def host(live):
    """A host that serves OLD, and NEW with the units of a canary."""
    place = Path(f"{live.root}/releases/{NEW}{live.runtime}")
    place.mkdir(parents=True)
    for name in UNITS:
        (place / name).write_text(f"# {name} of {NEW}\n")
    return live


def canary(host):
    return Canary(host.run(), NEW)


def test_a_release_of_an_earlier_version_is_tried_by_the_names_that_it_has(live, monkeypatch):
    name = "flaskwright-canary-blog"
    place = Path(f"{live.root}/releases/{OLD}{live.runtime}")
    place.mkdir(parents=True)
    for kind in ("service", "socket"):
        (place / f"{name}.{kind}").write_text("# by its own name\n")
    seen = []

    def ask(path, *asked, **how):
        seen.append((path, live.systemd.state(f"{name}.service")))
        return SimpleNamespace(status=200, headers={})

    monkeypatch.setattr(canary_module, "ask", ask)
    Canary(live.run(), OLD).must_answer(Health("/"))

    assert seen == [(f"{live.slash_run}/{name}.sock", "active")] * 2
    assert live.systemd.state(f"{name}.service") == "inactive"


def is_swept(host):
    """Whether no process, no unit and no link of it is left."""
    left = [path.name for path in host.slash_run.rglob("*") if path.suffix != ".sock"]
    return left == ["systemd", "system"] and host.systemd.state(UNITS[0]) != "active"


def test_it_is_asked_in_the_release_itself_by_its_own_units_and_is_gone_then(host, monkeypatch):
    seen = []

    class Watched(Canary):
        def _complaint(self, *asked):
            seen.append(host.systemd.directory_of(UNITS[0]))
            seen.extend((host.runtime / name).read_text() for name in UNITS)
            return super()._complaint(*asked)

    seconds = Watched(host.run(), NEW).must_answer(Health("/"))

    place = f"{host.root}/releases/{NEW}/code"
    assert seen == [place, *(f"# {name} of {NEW}\n" for name in UNITS)] * 2
    assert 0 <= seconds < 5
    assert is_swept(host)
    assert host.runs() == {ONE: OLD}
    assert host.releases.current() == OLD


@pytest.mark.parametrize(
    ("status", "complaint"),
    [
        (500, "/ answers 500"),
        (0, "/ gives no answer: the connection was closed without an answer"),
    ],
)
def test_one_that_is_not_well_is_told_and_swept(host, status, complaint):
    host.says(status, CANARY)

    with pytest.raises(Failed, match=f"release {NEW} is not well: {complaint}") as failed:
        canary(host).must_answer(Health("/"))

    assert failed.value.why.endswith("nothing was switched")
    assert is_swept(host)


def test_a_redirect_is_well(host):
    host.says(302, CANARY)

    assert canary(host).must_answer(Health("/")) < 60


@pytest.mark.parametrize(("https", "scheme"), [(True, "https"), (False, "http")])
def test_it_is_asked_as_the_proxy_asks(host, monkeypatch, https, scheme):
    """What sends plain HTTP elsewhere would be well whatever its health path says."""
    requests, sent = [], http.send
    monkeypatch.setattr(http, "send", lambda *what: requests.append(what[1]) or sent(*what))

    tried = canary(host)
    tried.run.site = over_https(SITE) if https else SITE
    tried.must_answer(Health("/"))

    assert len(requests) == 2
    assert all(b"X-Forwarded-Proto: %s\r\n" % scheme.encode() in each for each in requests)


def test_it_must_answer_twice(host):
    class Once(Canary):
        def _complaint(self, *asked):
            said = super()._complaint(*asked)
            host.says(503, CANARY)
            return said

    with pytest.raises(Failed, match="answers 503"):
        Once(host.run(), NEW).must_answer(Health("/"))


def test_one_that_does_not_boot_is_told_with_the_apps_own_lines(host):
    host.systemd.breaks(NEW)
    frame = f'  File "{host.root}/releases/{NEW}/code/app.py", line 1, in <module>'
    error = "ModuleNotFoundError: No module named 'flask'"
    host.systemd.says("Traceback (most recent call last):", frame, error)

    with pytest.raises(Failed, match=f"^{error}$") as failed:
        canary(host).must_answer(Health("/"))

    assert f"release {NEW} is not well; it was tried where no visitor comes" in failed.value.why
    assert failed.value.log == ['  File "code/app.py", line 1, in <module>', error]
    assert is_swept(host)


def test_one_that_systemd_hands_no_secrets_is_told_of_the_file(host):
    host.systemd.breaks(NEW)
    host.systemd.says("Main process exited, code=exited, status=243/CREDENTIALS")

    with pytest.raises(Failed, match="systemd does not hand it its secrets") as failed:
        canary(host).must_answer(Health("/"))

    assert failed.value.next == 'keyring = { on_host = "file" } in hosts.toml'


def test_a_stop_while_it_boots_is_told_as_what_it_is(host, monkeypatch):
    def stop(run, unit):
        raise Stopped("stopped", "as asked")

    monkeypatch.setattr("flaskwright.agent.transaction.canary.start", stop)

    with pytest.raises(Stopped):
        canary(host).must_answer(Health("/"))
