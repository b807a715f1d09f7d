"""What certbot notes for renewals: read, and repaired where it would ask for the webroot."""

import pytest

from flaskwright.agent.certs import renewal_config

NAMES = ("x.org", "www.x.org")
ROOT = "/var/lib/letsencrypt"
HEAD = """\
# renew_before_expiry = 30 days
version = 2.1.0
cert = /etc/letsencrypt/live/x.org/cert.pem

# Options used in the renewal process
[renewalparams]
account = 0123
"""
KEYS = "authenticator = webroot\nwebroot_path = /var/lib/letsencrypt,\nserver = https://a/dir\n"
MAP = "[[webroot_map]]\nx.org = /var/lib/letsencrypt\nwww.x.org = /var/lib/letsencrypt\n"
ARI = "[acme_renewal_info]\nari_retry_after = 2026-11-21T12:00:00\n"
GOOD = HEAD + KEYS + MAP


def test_what_is_noted():
    assert renewal_config.value(GOOD, "server") == "https://a/dir"
    assert renewal_config.value(GOOD, "renew_before_expiry") == ""
    assert renewal_config.webroot(GOOD, NAMES) == ROOT


BROKEN = {
    "no table": HEAD + KEYS,
    "a table of other names": HEAD + KEYS + "[[webroot_map]]\nx.org = /var/lib/letsencrypt\n",
    "two directories": GOOD.replace("www.x.org = /var/lib/letsencrypt", "www.x.org = /srv/www"),
    "an empty table": HEAD + KEYS + "[[webroot_map]]\n" + ARI,
    "certbot's own server": HEAD + "authenticator = standalone\nserver = https://a/dir\n",
    "the plugin for nginx": HEAD + "authenticator = nginx\ninstaller = nginx\n"
    "server = https://a/dir\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_a_renewal_would_fail_for_is_seen_and_repaired(text):
    assert renewal_config.webroot(text, NAMES) is None

    repaired = renewal_config.with_webroot(text, NAMES, ROOT)

    assert renewal_config.webroot(repaired, NAMES) == ROOT
    assert renewal_config.value(repaired, "server") == "https://a/dir"
    assert renewal_config.value(repaired, "installer") == ""
    assert repaired.startswith(HEAD.partition("account")[0])
    assert repaired.count("[[webroot_map]]") == 1


def test_a_moved_webroot_is_noted_anew():
    moved = GOOD.replace(ROOT, "/var/www/html")

    assert renewal_config.webroot(moved, NAMES) == "/var/www/html"
    repaired = renewal_config.with_webroot(moved, NAMES, ROOT)
    assert "/var/www/html" not in repaired
    assert renewal_config.webroot(repaired, NAMES) == ROOT


def test_sections_that_follow_stay_what_they_are():
    repaired = renewal_config.with_webroot(HEAD + KEYS + ARI, NAMES, ROOT)

    assert repaired.endswith(ARI)
    assert repaired.index("[[webroot_map]]") < repaired.index("[acme_renewal_info]")
    assert renewal_config.with_webroot(repaired, NAMES, ROOT) == repaired


def test_it_is_repaired_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(renewal_config, "HOME", str(tmp_path))
    (tmp_path / "renewal").mkdir()
    (tmp_path / "renewal/x.org.conf").write_text(HEAD + KEYS)

    renewal_config.repair("x.org", NAMES, ROOT)

    assert renewal_config.webroot(renewal_config.read("x.org"), NAMES) == ROOT
    assert renewal_config.read("nobody.org") == ""
