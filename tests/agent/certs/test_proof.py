"""The proof that HSTS waits for: what is tried, what is remembered, and what is told."""

import json

import pytest

from flaskwright.agent.certs import proof, rehearsal, renewal
from flaskwright.agent.common.place import Place
from flaskwright.agent.common.site import Site
from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.engine.output import Output
from flaskwright.agent.web.nginx import files as nginx_files
from flaskwright.agent.web.nginx import server as nginx

from ..support import fields, file_fields, result

SERVER = "https://ca/dir"
CERTIFICATE = {
    "server": "https://ca/dir", "webroot": "/var/lib/letsencrypt", "email": None, "ca": "",
    "profile": "",
}  # fmt: skip


@pytest.fixture
def state(run, dry_run, tmp_path):
    run.place = dry_run.place = Place(state=str(tmp_path / "blog"))
    return tmp_path / "blog"


@pytest.fixture
def hook(tmp_path, monkeypatch):
    """The renewal's hook; a test writes what it does. nginx has new workers when it ran."""
    path = tmp_path / "hook"
    monkeypatch.setattr(rehearsal, "HOOK", str(path))
    monkeypatch.setattr(rehearsal, "PATIENCE", 0.2)
    workers = lambda: {2: 0.0} if (tmp_path / "reloaded").exists() else {1: 0.0}  # noqa: E731
    monkeypatch.setattr(nginx, "workers", workers)

    def write(text, mode=0o755):
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(mode)

    write(f"touch {tmp_path}/reloaded; echo $RENEWED_LINEAGE $RENEWED_DOMAINS >{tmp_path}/told")
    return write


@pytest.fixture
def rehearsed(monkeypatch):
    """certbot, which says what a test wants; gives the words that it was called with."""
    asked, output = [], Output("certbot", 0, "", "", [])

    def certbot(run, *words, ca=""):
        asked.append(words)
        return output

    monkeypatch.setattr(rehearsal, "certbot", certbot)
    monkeypatch.setattr(rehearsal, "must_be_there", lambda domain: None)
    return asked, output


def resource():
    return fields("proof", certificate=CERTIFICATE)


def test_it_is_tried_once_and_remembered(run, state, hook, rehearsed, tmp_path):
    asked, _ = rehearsed

    assert result(run, resource())["state"] == "changed"
    assert result(run, resource())["state"] == "ok"

    assert len(asked) == 1
    assert {"--dry-run", "--no-random-sleep-on-renew", "https://ca/dir"} <= set(asked[0])
    assert (tmp_path / "told").read_text() == "/etc/letsencrypt/live/x.org x.org www.x.org\n"
    noted = json.loads((state / "proven.json").read_text())
    assert noted["proven"] == ["hook", "rehearsal"]


def test_another_certificate_is_not_proven_by_it(run, state, hook, rehearsed):
    proof.remember(run, SERVER, "hook")

    assert proof.proven(run, SERVER)
    assert not proof.proven(run, "https://other/dir")
    run.site = Site("y.org", "https", "y.org", ["y.org"])
    assert not proof.proven(run, SERVER)


def test_a_dry_run_asks_nobody(dry_run, state, rehearsed):
    told = result(dry_run, resource())

    assert told["state"] == "would change"
    assert told["diff"] == ["rehearse the renewal of x.org, and run its hook"]
    assert rehearsed[0] == []


@pytest.mark.parametrize(
    ("does", "mode", "what"),
    [
        ("echo no; exit 7", 0o755, "the renewal hook fails: exit status 7"),
        ("true", 0o755, "the renewal hook ran, and nginx did not reload"),
        ("true", 0o644, "is not executable"),
    ],
)
def test_a_hook_that_does_not_do_its_work_is_loud(run, state, hook, rehearsed, does, mode, what):
    hook(does, mode)

    told = result(run, resource())

    assert told["state"] == "failed"
    assert what in told["what"]
    assert "certs.hook" in told["next"]
    assert "no" in told["log"] or "no" not in does
    assert "HSTS waits" in run.about.person
    assert not (state / "proven.json").exists()


def test_a_rehearsal_that_fails_is_remembered_by_nobody(run, state, hook, rehearsed):
    _, output = rehearsed
    output.status, output.lines = 1, ["Detail: dial tcp 1.2.3.4:80: connect: connection refused"]

    told = result(run, resource())

    assert told["what"] == "the renewal of x.org failed in its rehearsal"
    assert "port 80" in told["why"]
    assert not proof.proven(run, SERVER)


def test_what_is_forgotten_may_not_be_there(run, state):
    proof.forget(run, "x.org")
    proof.remember(run, SERVER, "hook")
    proof.forget(run, "y.org")
    assert proof.proven(run, SERVER)
    proof.forget(run, "x.org")

    assert not proof.proven(run, SERVER)


def test_hsts_is_in_force_when_it_is_written(run, tmp_path, monkeypatch):
    reloads = []
    monkeypatch.setattr(nginx_files.nginx, "reload", lambda run: reloads.append(1))
    resource = {**file_fields(tmp_path / "hsts.conf", "x.org max-age=1;"), "kind": "hsts"}

    assert [result(run, resource)["state"] for _ in range(2)] == ["changed", "ok"]
    assert reloads == [1]


def test_without_a_certificate_there_is_nothing_to_rehearse(run):
    with pytest.raises(Failed, match=r"no certificate for nobody\.invalid yet"):
        run.site = Site("nobody.invalid", "https", "nobody.invalid", ["nobody.invalid"])
        rehearsal.rehearse(run, CERTIFICATE)


def test_the_authority_is_not_asked_for_what_nginx_could_not_take_up(run, rehearsed, monkeypatch):
    def refuse(run):
        raise Failed("nginx does not accept its configuration")

    asked, _ = rehearsed
    monkeypatch.setattr(renewal, "shown_by", lambda run, domain: None)
    monkeypatch.setattr(nginx, "syntax", refuse)

    with pytest.raises(Failed, match="nginx does not accept"):
        renewal.renew(run, CERTIFICATE, force=True)
    assert asked == []
