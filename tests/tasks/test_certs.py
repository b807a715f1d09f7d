"""What the tasks about certificates plan, and what they ask before they do it."""

import io
import sys

import pytest

from flaskwright import UsageError
from flaskwright.config.tls import LETS_ENCRYPT
from flaskwright.plan import plan
from flaskwright.report import console
from tasks import certs, daily
from tests.hosts_file import host_in

DOMAIN = 'domain = "example.org"\n'


class Terminal(io.StringIO):
    def isatty(self):
        return True


def planned(task, host, **options):
    return [item.resource for item in plan.make(host, task.resources(host, **options)).items]


def by_kind(resources):
    return {each.kind: each for each in resources}


def test_a_certificate_by_lets_encrypt_unless_another_is_named(tmp_path):
    usual = by_kind(planned(certs.obtain, host_in(tmp_path, host=DOMAIN)))["certificate"]
    other = host_in(tmp_path, host=DOMAIN + 'acme = { server = "https://ca.example.org/dir" }')

    assert (usual.server, usual.profile, usual.key_type) == (LETS_ENCRYPT, "", "ecdsa")
    assert by_kind(planned(certs.obtain, other))["certificate"].server != LETS_ENCRYPT


def test_a_profile_alone_is_asked_of_lets_encrypt(tmp_path):
    host = host_in(tmp_path, host=DOMAIN + 'acme = { profile = "shortlived" }')

    certificate = by_kind(planned(certs.obtain, host))["certificate"]

    assert (certificate.server, certificate.profile) == (LETS_ENCRYPT, "shortlived")


@pytest.mark.parametrize(
    ("acme", "forced"), [("", False), ('acme = { server = "https://ca.example.org/dir" }', True)]
)
def test_only_an_authority_of_one_s_own_renews_for_the_proof(tmp_path, acme, forced):
    prove, hsts = planned(certs.prove, host_in(tmp_path, host=DOMAIN + acme))

    assert (prove.kind, prove.force, hsts.kind) == ("prove", forced, "hsts")


@pytest.mark.parametrize(
    ("tls", "says"),
    [
        ("", '"max-age=31536000"'),
        ('tls = { hsts = "off" }', '"max-age=0"'),
        ('tls = { hsts = "include_subdomains" }', '"max-age=31536000; includeSubDomains"'),
        ('tls = { hsts = "preload" }', '"max-age=31536000; includeSubDomains; preload"'),
    ],
)
def test_what_browsers_are_told(tmp_path, tls, says):
    hsts = by_kind(planned(certs.hsts, host_in(tmp_path, host=DOMAIN + tls)))["hsts"]

    assert hsts.path == "/etc/nginx/snippets/flaskwright-hsts-blog.conf"
    assert hsts.content.splitlines()[1:] == [f'"example.org" {says};']


def test_without_https_nothing_is_proven(tmp_path):
    for more in ("", DOMAIN + "tls = { off = true }"):
        kinds = set(by_kind(planned(daily.deploy, host_in(tmp_path, host=more))))
        assert not {"proof", "hsts", "certificate", "dh-group"} & kinds


@pytest.mark.parametrize("group", ["ffdhe2048", "generate"])
def test_a_dh_group_comes_with_what_uses_it(tmp_path, group):
    host = host_in(tmp_path, host=DOMAIN + f'tls = {{ dhparam = "{group}" }}')

    found = planned(certs.obtain, host) + planned(certs.snippets, host)

    resources = by_kind(found)
    assert resources["dh-group"].group == group
    assert resources["certificate"].key_type == "rsa"
    (tls,) = [each for each in found if each.name.endswith("flaskwright-tls.conf")]
    for text in tls.contents.values():
        assert "ssl_dhparam /etc/ssl/flaskwright-dhparam.pem;" in text
        assert ":DHE-RSA-AES256-GCM-SHA384;" in text


def test_without_one_there_is_no_dhe(tmp_path):
    found = planned(certs.snippets, host_in(tmp_path, host=DOMAIN))

    (tls,) = [each for each in found if each.name.endswith("flaskwright-tls.conf")]
    assert all(":DHE-" not in text and "dhparam" not in text for text in tls.contents.values())


@pytest.mark.parametrize("task", [certs.revoke, certs.delete])
def test_what_cannot_be_undone_is_asked_first(tmp_path, monkeypatch, task):
    host = host_in(tmp_path, host=DOMAIN)
    assert len(planned(task, host, yes=True)) == 1

    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    with pytest.raises(UsageError, match="Nobody is here to say so") as caught:
        planned(task, host)
    assert caught.value.next == "--yes"

    asked = []
    monkeypatch.setattr(console, "tell", asked.append)
    monkeypatch.setattr(sys, "stdin", Terminal("yes\nno\n"))
    assert len(planned(task, host)) == 1
    for _ in ("no", "the end of the input"):
        with pytest.raises(UsageError, match="nothing was done"):
            planned(task, host)
    assert "example.org" in asked[0]


@pytest.mark.parametrize("domain", ["-x", "../x", "a b"])
def test_a_domain_that_is_none_is_not_deleted(tmp_path, domain):
    with pytest.raises(UsageError, match="should be a domain name"):
        planned(certs.delete, host_in(tmp_path, host=DOMAIN), domain=domain, yes=True)


def test_a_reason_that_no_authority_knows(tmp_path):
    with pytest.raises(UsageError, match="--reason bored: one of unspecified"):
        planned(certs.revoke, host_in(tmp_path, host=DOMAIN), reason="bored", yes=True)
