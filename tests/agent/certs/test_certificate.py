"""Certificates on the host: what is wanted of them, asked, repaired, refused and warned of."""

import time

import pytest

from flaskwright.agent.certs import (
    certbot,
    certificate,
    dh_group,
    issue,
    lineage,
    proof,
    renewal_config,
    revocation,
    served,
)
from flaskwright.agent.certs import status as certificate_status
from flaskwright.agent.common.frames import STOP
from flaskwright.agent.common.place import Place
from flaskwright.agent.engine.errors import Failed, Stopped
from flaskwright.agent.engine.output import Output

from ..support import AnsweredRun, fields, handler, result
from .test_renewal_config import GOOD, HEAD, KEYS, ROOT

CERTIFICATE = {
    "server": "https://a/dir", "webroot": ROOT, "email": None, "ca": "",
    "profile": "", "key_type": "ecdsa",
}  # fmt: skip
LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"


def said(*lines, status=1):
    return Output("certbot", status, "", "", list(lines))


@pytest.fixture
def there(tmp_path, monkeypatch):
    """A certificate of both names from https://a/dir; a test may change what is noted of it."""
    for module in (lineage, renewal_config):
        monkeypatch.setattr(module, "HOME", str(tmp_path))
    read = {"names": "www.x.org, x.org", "valid": True}
    monkeypatch.setattr(lineage, "read", lambda run, path: dict(read))
    for place in ("live/x.org", "renewal"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "live/x.org/fullchain.pem").touch()
    conf = tmp_path / "renewal/x.org.conf"
    conf.write_text(GOOD)
    return conf


@pytest.fixture
def asked(monkeypatch):
    """What certbot was asked; `answers` has what it says, one after the other, then success."""
    calls, answers = [], []

    def ask(run, *words, ca=""):
        calls.append(words)
        return answers.pop(0) if answers else said(status=0)

    class Answered:
        def __init__(self, *anything):
            pass

        __enter__ = __exit__ = __init__

    monkeypatch.setattr(certificate, "certbot", ask)
    monkeypatch.setattr(certificate, "answered", Answered)
    monkeypatch.setattr(certificate.prerequisites, "must_be_right", lambda server: None)
    return calls, answers


def of(run, **more):
    return handler(run, fields("certificate", **{**CERTIFICATE, **more}))


def differing(found):
    actual, wanted = found.actual(), found.wanted()
    return [key for key in wanted if actual.get(key) != wanted[key]]


def test_a_certificate_that_is_as_it_should_be(run, there):
    assert differing(of(run)) == []
    assert result(run, fields("certificate", **CERTIFICATE))["state"] == "ok"


@pytest.mark.parametrize(
    ("noted", "more", "keys"),
    [
        (HEAD + KEYS, {}, ["webroot"]),
        (GOOD.replace("https://a/", "https://b/"), {}, ["authority"]),
        (GOOD, {"key_type": "rsa"}, []),
        (GOOD.replace("server", "key_type = ecdsa\nserver"), {"key_type": "rsa"}, ["key"]),
        (GOOD.replace("server", "key_type = rsa\nserver"), {}, []),
        (GOOD.replace("server", "preferred_profile = six\nserver"), {"profile": "six"}, []),
    ],
)
def test_what_differs(run, there, noted, more, keys):
    there.write_text(noted)

    assert differing(of(run, **more)) == keys


def test_a_webroot_that_is_not_noted_is_repaired_without_asking_anybody(run, there, asked):
    there.write_text(HEAD + KEYS)

    told = result(run, fields("certificate", **CERTIFICATE))

    assert told["state"] == "changed"
    assert told["diff"][0].startswith("note the webroot of each name in ")
    assert asked[0] == []
    assert differing(of(run)) == []


def test_an_order_is_rehearsed_first(run, asked):
    of(run).fix(["names"])

    rehearsal, order = asked[0]
    assert rehearsal[-1] == "--dry-run" and "--force-renewal" not in rehearsal
    assert "--force-renewal" in order and "--dry-run" not in order


def test_an_order_leaves_the_webroot_noted(run, there, asked):
    there.write_text(HEAD + KEYS)

    of(run).order()

    assert renewal_config.webroot(there.read_text(), ("x.org", "www.x.org")) == ROOT


def test_half_a_certificate_does_not_have_certbot_take_another_name(run, there, asked, tmp_path):
    (tmp_path / "live" / "x.org" / "fullchain.pem").unlink()

    of(run).fix(["names"])

    assert [words[0] for words in asked[0]] == ["certonly", "delete", "certonly"]
    assert asked[0][1] == ("delete", "--cert-name", "x.org")


def test_what_fails_in_the_rehearsal_is_never_ordered(run, asked):
    calls, answers = asked
    answers.append(said("urn:ietf:params:acme:error:rateLimited", "Retry-After: 7200"))

    with pytest.raises(Failed, match="its rehearsal failed") as caught:
        of(run).fix(["names"])

    assert len(calls) == 1
    assert caught.value.next == "wait 2.0 hours, then run the same command again"


@pytest.mark.parametrize(
    "line",
    [
        "Input the webroot for x.org:",
        "Missing command line flag or config entry for this setting:",
        "x.org.conf does not specify an authenticator. Skipping.",
    ],
)
def test_a_renewal_that_has_lost_its_webroot_is_known(line):
    assert certbot.trouble("not renewed", said(line)).next == "certs.obtain notes it"


@pytest.mark.parametrize(
    ("server", "place"),
    [(LETS_ENCRYPT, "acme-staging-v02.api.letsencrypt.org/directory"), ("https://a/dir", "a/dir")],
)
def test_an_account_that_the_rehearsal_s_server_forgot(
    run, asked, tmp_path, monkeypatch, server, place
):
    monkeypatch.setattr(certbot, "HOME", str(tmp_path))
    (tmp_path / "accounts" / place).mkdir(parents=True)
    calls, answers = asked
    answers.append(said("urn:ietf:params:acme:error:accountDoesNotExist"))

    of(run, server=server).rehearse()

    assert len(calls) == 2
    assert not (tmp_path / "accounts" / place).exists()  # certbot makes it anew


@pytest.mark.parametrize(
    ("wait", "helps"),
    [("60", "wait 60 seconds"), ("Sat, 21 Nov 2026 18:00:00 GMT", "wait until Sat, 21 Nov 2026")],
)
def test_how_long_to_wait_comes_from_the_authority(tmp_path, monkeypatch, wait, helps):
    log = tmp_path / "letsencrypt.log"
    log.write_text(
        "HTTP 201\nServer: a\nRetry-After: 3\n\n{}\n"
        f"HTTP 429\nServer: a\nRetry-After: {wait}\nLink: b\n\n{{}}\n"
        "acme.messages.Error: urn:ietf:params:acme:error:rateLimited :: no\n"
    )
    monkeypatch.setattr(certbot, "LOG", str(log))

    failed = certbot.trouble("none", said(*certbot._logged(0)))

    assert failed.next.startswith(helps)


def test_a_certbot_that_forgets_profiles_is_refused(operator):
    run = AnsweredRun(operator.wire)

    def version(text):
        run.answers = lambda argv, **how: Output("certbot", 0, text, "", [text])

    version("certbot 4.0.0\n")
    with pytest.raises(Failed, match=r"certbot 4\.0\.0 on this host cannot keep to"):
        certificate.must_know_profile(run, "shortlived")
    version("certbot 5.1.0\n")
    certificate.must_know_profile(run, "shortlived")
    assert certificate.profile_words("shortlived") == ["--preferred-profile", "shortlived"]
    assert certificate.profile_words("") == []


DAY = 86400


@pytest.mark.parametrize(
    ("left", "of", "warns"),
    [(40, 90, ""), (22, 90, "a quarter"), (12, 45, ""), (11, 45, "a quarter"), (1.6, 6, ""),
     (1.4, 6, "a quarter"), (-1, 90, "has run out")],
)  # fmt: skip
def test_a_quarter_of_any_lifetime_is_little(left, of, warns):
    moments = [time.time() + days * DAY for days in (left - of, left)]
    begin, end = (time.strftime("%b %d %H:%M:%S %Y GMT", time.gmtime(each)) for each in moments)
    text = f"issuer=CN = A\nserial=0A\nnotBefore={begin}\nnotAfter={end}\nDNS:x.org\n"

    found = served.Shown(text)

    told = certificate_status._warning(found)
    assert warns in told and bool(told) == bool(warns)
    assert found.told()["issuer"] == "CN = A"
    assert f"of {of} days" in found.told()["left"]


def test_a_certificate_that_a_site_names_is_in_use(tmp_path, monkeypatch):
    monkeypatch.setattr(revocation, "SITES", str(tmp_path))
    site = tmp_path / "sites-available" / "x"
    site.parent.mkdir()
    site.write_text("server {\n    ssl_certificate /etc/letsencrypt/live/x.org/fullchain.pem;\n}\n")
    (tmp_path / "enabled").symlink_to(site)

    assert set(revocation._users("x.org")) == {str(site)}
    assert set(revocation._users("y.org")) == set()


def test_a_certificate_that_is_deleted_has_proven_nothing(run, tmp_path, monkeypatch):
    """The next one of that name is another one, and nginx has no reload to catch up on."""
    run.place, reloads = Place(state=str(tmp_path / "state")), []
    (tmp_path / "live" / "x.org").mkdir(parents=True)
    monkeypatch.setattr(revocation, "HOME", str(tmp_path))
    monkeypatch.setattr(revocation, "SITES", str(tmp_path / "nginx"))
    monkeypatch.setattr(revocation, "certbot", lambda *words: said(status=0))
    monkeypatch.setattr(revocation.nginx, "workers", lambda: {1: 0.0})
    monkeypatch.setattr(revocation.nginx, "reload", reloads.append)
    proof.remember(run, CERTIFICATE["server"], "hook")

    told = result(run, fields("certificate-deletion", domain="x.org"))

    assert told["answer"] == {"deleted": "x.org"}
    assert not proof.proven(run, CERTIFICATE["server"])
    assert reloads == [run]


def test_a_group_comes_from_the_operator_and_stays(run, operator, tmp_path):
    resource = fields("dh-group", path=str(tmp_path / "group.pem"), group="generate")
    operator.say(b"-----BEGIN DH PARAMETERS-----\nMIIB\n-----END DH PARAMETERS-----\n")

    assert [result(run, resource)["state"] for _ in range(2)] == ["changed", "ok"]

    (asked,) = [event for event in operator.events() if event["event"] == "want"]
    assert (asked["name"], asked["value"]) == ("dh-group", {"group": "generate"})
    assert (tmp_path / "group.pem").read_bytes().startswith(dh_group.HEAD % b"generate")


def test_no_group_is_no_file(run, operator, tmp_path):
    operator.say(b"")

    told = result(run, fields("dh-group", path=str(tmp_path / "group.pem"), group="ffdhe2048"))

    assert told["what"] == "no Diffie-Hellman group came from your machine"
    assert not (tmp_path / "group.pem").exists()


def test_whoever_wants_a_stop_during_the_rehearsal_gets_no_order(run, operator, asked):
    wanted = issue.Issue(fields("issue", certificate=CERTIFICATE, force=True), run)
    operator.say(STOP)

    with pytest.raises(Stopped):
        wanted._ordered(of(run))
    assert asked[0] == []
