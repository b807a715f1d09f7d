"""What somebody types at the registrar of a name."""

import pytest

from flaskwright.agent.certs import dns_record
from flaskwright.agent.web import visit

NAME = "blog.example.org"
HOME = "192.168.1.7"
PUBLIC, PUBLIC6 = "192.0.2.7", "2001:db8::7"


@pytest.fixture
def host(monkeypatch):
    """A host with these addresses of its own."""

    def has(*own):
        monkeypatch.setattr(visit, "addresses", lambda: list(own))

    return has


@pytest.mark.parametrize(
    ("own", "seen", "says", "advice"),
    [
        ([PUBLIC], (), "", f"at the registrar: A {NAME} {PUBLIC}"),
        ([PUBLIC, PUBLIC6], (), "", f"at the registrar: A {NAME} {PUBLIC}, AAAA {NAME} {PUBLIC6}"),
        ([PUBLIC], (), "8.8.8.8", f"at the registrar: A {NAME} {PUBLIC} (it says 8.8.8.8 now)"),
        (
            [PUBLIC, PUBLIC6],
            (),
            "2001:db8::9",
            f"at the registrar: AAAA {NAME} {PUBLIC6} (it says 2001:db8::9 now)",
        ),
        (
            [PUBLIC],
            (),
            "2001:db8::9",
            f"at the registrar: remove AAAA {NAME} 2001:db8::9, since this host has no public IPv6 "
            "address",
        ),
        # The host of a cloud knows an inner address alone; whoever deploys has another one.
        (["10.0.0.5"], (PUBLIC,), "", f"at the registrar: A {NAME} {PUBLIC}"),
        ([HOME], (HOME,), "", None),
        ([HOME, "fd00::7"], ("100.64.1.1",), "", None),
        (["127.0.0.1", "::1"], (), "", None),
    ],
)
def test_the_record_that_a_name_wants(host, own, seen, says, advice):
    host(*own)

    said = dns_record.wanted(NAME, seen, says)

    if advice:
        assert said == advice
    else:
        assert f"A {NAME}, with the router's public address" in said
        assert "ports 80 and 443 forwarded to" in said


def test_behind_a_router_it_says_what_the_record_says_now(host):
    host(HOME)

    assert dns_record.wanted(NAME, (), "8.8.8.8") == (
        "this host is 192.168.1.7, behind a router. At the registrar: A blog.example.org, with the "
        "router's public address (it says 8.8.8.8 now); on the router: ports 80 and 443 forwarded "
        "to 192.168.1.7"
    )
