"""Names and URL of a site, as whoever deploys it can type them."""

import re
from dataclasses import replace

import pytest

from flaskwright.config.keys import Acme
from flaskwright.inventory import Host
from flaskwright.plan.templates import rendered
from tests.hosts_file import host_in

SITE = "/etc/nginx/sites-available/{app}"


@pytest.mark.parametrize(
    ("address", "spelled"),
    [("192.0.2.1", "192.0.2.1"), ("Pi.local", "Pi.local"), ("2001:db8::7", "[2001:db8::7]")],
)
def test_without_a_domain_it_answers_on_any_address_and_the_hosts_names(address, spelled):
    host = Host("pi", guide="ubuntu", address=address)

    assert host.url == f"http://{spelled}/"
    assert host.look == f"curl http://{spelled}/"
    own, *others = host.site.names
    assert re.fullmatch(own.removeprefix("~"), spelled.lower())
    assert others == ["$hostname", "*.local", r"~^\d+\.\d+\.\d+\.\d+$", r"~^\[[0-9a-f:.]+\]$"]


def test_an_alias_of_ssh_is_in_no_url():
    """Only ssh of this machine knows what `mypi` is."""
    host = replace(Host("pi", guide="ubuntu", address="mypi"), found="192.0.2.7")

    assert host.url == "http://192.0.2.7/"


@pytest.mark.parametrize("found", ["192.0.2.7", "127.0.0.1", "2001:db8::7", ""])
def test_an_address_of_ssh_config_does_not_change_the_site(found):
    """`Host pi.home.lan` with a HostName: another person reaches it in another way."""
    host = replace(Host("pi", guide="ubuntu", address="Pi.home.lan"), found=found)

    assert host.site.names[:2] == (r"~^pi\.home\.lan$", "$hostname")
    assert host.site.host == "Pi.home.lan"


def test_a_name_that_an_alias_of_ssh_stands_for_is_answered():
    host = replace(Host("pi", guide="ubuntu", address="mypi"), found="pi.home.lan")

    assert host.site.names[:3] == ("~^mypi$", r"~^pi\.home\.lan$", "$hostname")


@pytest.mark.parametrize(
    ("address", "found", "place"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("pi.local", "", "pi.local"),
        ("mypi", "2001:db8::7", "[2001:db8::7]"),
    ],
)
def test_a_domain_is_looked_at_by_whatever_ssh_reaches(address, found, place):
    host = Host("pi", guide="ubuntu", address=address, domain="blog.example.org", found=found)

    assert host.url == "https://blog.example.org/"
    assert host.look == f"curl --connect-to ::{place}: https://blog.example.org/"


def test_a_site_with_a_domain_leads_the_machines_own_name_there(tmp_path):
    """The pattern is nginx's last choice: a site without a domain has `*.local`, which wins."""
    text = rendered(SITE, host_in(tmp_path, host='domain = "blog.example.org"'))

    assert text.count(".local") == 1
    named = text.partition(r'server_name "~^[a-z0-9-]+\.local$"')[2]
    assert "return 302 https://blog.example.org$request_uri;" in named


def test_no_name_stands_twice_where_the_host_name_is_the_address(tmp_path):
    """nginx warns of a name that stands twice, and `$hostname` may be any."""
    host = replace(host_in(tmp_path), address="raspberrypi")
    names = re.findall(r"server_name (.*);", rendered(SITE, host))[0].split()

    assert [name for name in names if not name.startswith('"~')] == ['"$hostname"', '"*.local"']


def test_a_look_at_a_site_of_an_authority_of_ones_own_trusts_that():
    acme = Acme(server="https://ca.internal/acme/directory", ca="/home/me/my project/ca.pem")
    host = Host("pi", guide="ubuntu", address="192.0.2.7", domain="blog.internal", acme=acme)

    given = "--cacert '/home/me/my project/ca.pem' https://blog.internal/"
    assert host.look == f"curl --connect-to ::192.0.2.7: {given}"
