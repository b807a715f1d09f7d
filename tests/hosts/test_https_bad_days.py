"""Days on which no certificate can be had: what is said, and what is served meanwhile."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

import sandbox
from sandbox.authority import Authority
from sandbox.state import lab, remove

from .conftest import Live, Shell, bridge
from .faults.clock import INSTALL, LIBRARY, PTH, STARTED
from .project import APP, Project, Said, table
from .ratelimited import rate_limited

HOST, OTHER = "tls-bad", "tls-other"
GOOD, NEW, ELSEWHERE = "good.bad.test", "new.bad.test", "elsewhere.bad.test"
SSH = """
Host *
  IdentityFile {host.identity}
  IdentitiesOnly yes
  UserKnownHostsFile {host.known_hosts}
"""


@dataclass
class Site:
    """A host of somebody's own, as far as hosts.toml knows, whose authority can be troubled."""

    project: Project
    authority: Authority
    address: str
    shown: bytes = b""

    def fab(self, *words: str, aliases: tuple[str, ...] = (NEW,), **acme: str) -> Said:
        """Type a command for the host, with these aliases, and keys of `acme`, in hosts.toml."""
        ca = {"server": self.authority.server, "ca": str(self.authority.ca), **acme}
        keys = {"guide": "raspberry-pi", "app": "guestbook", "address": self.address, "user": "pi",
                "domain": GOOD, "aliases": aliases, "acme": ca}  # fmt: skip
        self.project.write(table("apps.guestbook", APP) + table("hosts.pi", keys))
        return self.project.fab("-S", str(self.project.directory / "ssh"), "-H", "pi", *words)

    def fails(self, *words: str, aliases: tuple[str, ...] = (NEW,), **acme: str) -> str:
        """Deploy, which has to fail, while visitors get what they got; returns what is said."""
        said = self.fab("deploy", *words, aliases=aliases, **acme)
        assert said.code == 1, str(said)
        assert self.serves() == self.shown
        assert "Traceback" not in said.err
        return said.err

    def serves(self) -> bytes:
        """Return the certificate that the site shows with its page."""
        assert self.get("--cacert", str(self.authority.roots))
        return certificate_of(self.address, GOOD)

    def get(self, *options: str) -> str:
        """Ask for a page, and return what curl prints."""
        argv = ["curl", "-sS", "--noproxy", "*", *options, "--resolve",
                f"{GOOD}:443:{self.address}", f"https://{GOOD}/health"]  # fmt: skip
        return subprocess.run(argv, capture_output=True, check=True, text=True).stdout

    def has_hsts(self) -> bool:
        """Whether the site tells browsers to insist on HTTPS."""
        return "strict-transport-security: max-age=31536000\n" in self.get("-kI").replace("\r", "")

    def shell(self, command: str) -> str:
        """Run a command on the host."""
        return Shell(sandbox.host(HOST))(command)


@pytest.fixture(scope="module")
def site(first: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A host that had a site over HTTP, and has one over HTTPS from an authority of our own."""
    project = Project(tmp_path_factory.mktemp("bad"), HOST)
    host = sandbox.up(HOST, layer=first.layer, names=[GOOD, NEW])
    sandbox.up(OTHER, names=[ELSEWHERE])
    (project.directory / "ssh").write_text(SSH.format(host=host))
    authority = Authority(lab().root / "authority-of-tests", bridge(), 14200)
    authority.start()
    site = Site(project, authority, host.address)
    said = site.fab("deploy", aliases=())
    assert said.code == 0, str(said)
    site.shown = site.serves()
    yield site
    authority.stop()
    remove(authority.root)
    for name in (HOST, OTHER):
        sandbox.down(name)


@pytest.fixture(autouse=True)
def well_again(site: Site) -> Iterator[None]:
    """After each bad day the authority is at work, and the deploy of before changes nothing."""
    yield
    if site.authority.process is None:
        site.authority.start()
    said = site.fab("deploy", aliases=())
    assert said.code == 0, str(said)
    assert "nothing to do" in said.err


def orders(site: Site) -> int:
    return site.authority.log.read_text().count("order-plz")


def test_a_name_that_leads_elsewhere(site: Site) -> None:
    before = orders(site)
    said = site.fails(aliases=(ELSEWHERE,))
    address = sandbox.host(OTHER).address
    assert f"failed  {ELSEWHERE} leads to {address}, which is not this host" in said
    assert f"at the registrar: A {ELSEWHERE} {site.address} (it says {address} now)" in said
    assert orders(site) == before


def test_a_name_that_does_not_exist(site: Site) -> None:
    before = orders(site)
    for words in ((), ("--dry-run",)):
        said = site.fails(*words, aliases=("nowhere.bad.test",))
        assert "nowhere.bad.test does not exist" in said
        assert f"at the registrar: A nowhere.bad.test {site.address}" in said
    assert orders(site) == before


@pytest.fixture
def stale(site: Site) -> Iterator[None]:
    shell = Shell(sandbox.host(HOST))
    lines = f"{site.address} {NEW}\\n2001:db8::7 {NEW}\\n"
    shell(f"sudo cp /etc/hosts /etc/hosts.kept; printf '{lines}' | sudo tee -a /etc/hosts")
    yield
    shell("sudo mv /etc/hosts.kept /etc/hosts")


@pytest.mark.long
def test_a_stale_ipv6_address(site: Site, stale: None) -> None:
    before = orders(site)
    said = site.fails()
    assert f"{NEW} leads to 2001:db8::7, which is not this host" in said
    assert f"at the registrar: remove AAAA {NEW} 2001:db8::7" in said  # its own is an inner one
    assert orders(site) == before


def test_the_authority_is_down(site: Site) -> None:
    site.authority.stop()
    said = site.fails()
    assert f"no certificate for {GOOD}, {NEW}: its rehearsal failed" in said
    assert "the authority cannot be reached from this host" in said
    assert site.fab("deploy", aliases=()).code == 0  # code can be deployed meanwhile
    assert site.fab("certs.renew", "--dry-run", aliases=()).code == 1


def test_the_authority_has_forgotten_the_account(site: Site) -> None:
    site.authority.start()  # Pebble remembers nothing
    said = site.fab("certs.renew", "--dry-run", aliases=())
    assert said.code == 1, str(said)
    assert "the authority does not know the host's account any more" in said.err
    assert "certs.renew --force makes a new one" in said.err
    said = site.fab("certs.renew", "--force", aliases=())
    assert said.code == 0, str(said)
    assert site.serves() != site.shown
    site.shown = site.serves()
    assert site.fab("certs.renew", "--dry-run", aliases=()).code == 0


@contextmanager
def troubled(site: Site, **how: Any) -> Iterator[None]:
    """Let the authority do what it should not, and be itself again afterwards."""
    site.authority.start(**how)
    try:
        yield
    finally:
        site.authority.start()


@pytest.mark.long
def test_the_authority_refuses_the_name(site: Site) -> None:
    with troubled(site, refused=[NEW]):
        assert "the authority gives no certificate for this name" in site.fails()


@pytest.mark.long
def test_the_authority_refuses_nonces(site: Site) -> None:
    with troubled(site, nonces_refused=100):
        assert "the authority refuses its own nonces" in site.fails()


def test_nonces_that_are_refused_for_the_moment_alone(site: Site) -> None:
    """The authority is calm again in the pause after the first try."""
    site.fab("certs.status")  # with the new alias in hosts.toml
    with troubled(site, nonces_refused=100):
        words = ("-S", str(site.project.directory / "ssh"), "-H", "pi", "deploy")
        with site.project.start(*words) as deploy:
            told = next((line for line in deploy.stderr or () if "tries again" in line), "")
            site.authority.start()
            _, rest = deploy.communicate(timeout=300)
    assert "the authority refuses for the moment; tries again in 5 s (2 of 4)" in told
    assert deploy.returncode == 0, rest
    assert site.fab("deploy", aliases=()).code == 0
    site.shown = site.serves()


def test_the_authority_is_not_the_one_it_should_be(site: Site) -> None:
    kept = site.authority.ca.read_text()
    other = sandbox.certify(HOST).ca.read_text()
    site.authority.ca.write_text(other)
    said = site.fab("deploy")
    site.authority.ca.write_text(kept)
    assert site.fab("certs.obtain", aliases=()).code == 0
    assert said.code == 1, str(said)
    assert "check the host's clock, and `acme.ca` in hosts.toml" in said.err


@contextmanager
def port_80_closed(address: str) -> Iterator[None]:
    """Let nothing from this machine reach the host's port 80, as a firewall before it does."""
    rule = ["to", address, "ipproto", "tcp", "dport", "80", "prohibit"]
    subprocess.run(["ip", "rule", "add", *rule], check=True)
    try:
        yield
    finally:
        subprocess.run(["ip", "rule", "delete", *rule], check=True)


def test_port_80_is_not_reachable(site: Site) -> None:
    with port_80_closed(site.address):
        said = site.fails()
    assert "the authority does not reach port 80 of the name" in said
    assert "let it lead to this host" in said


@pytest.mark.long
def test_the_certificate_there_is_for_other_names(site: Site) -> None:
    said = site.fab("deploy")
    assert said.code == 0, str(said)
    assert site.serves() != site.shown
    assert f"names: {GOOD}, {NEW}" in site.fab("certs.status").out
    back = site.fab("deploy", aliases=())
    assert back.code == 0, str(back)
    site.shown = site.serves()


def test_a_new_release_that_names_no_certificate_is_never_live(site: Site) -> None:
    """The domain changes to one that cannot be had: not even a reboot makes nginx stumble."""
    site.project.change("templates/index.html", "<h1>Guestbook</h1>", "<h1>Not yet</h1>")
    site.fails(aliases=("nowhere.bad.test",))
    sandbox.power_cut(HOST)
    sandbox.boot(HOST)
    assert site.serves() == site.shown
    assert site.fab("deploy", aliases=()).code == 0


def test_the_authority_gives_no_more_for_now(site: Site) -> None:
    with rate_limited(site.authority) as server:
        said = site.fails(aliases=(), server=server)
    assert "the authority has given or refused too much lately (a rate limit)" in said
    assert "wait 2.0 hours, then run the same command again" in said


@pytest.mark.long
def test_a_profile_that_this_certbot_would_forget_at_the_renewal(site: Site) -> None:
    version = site.shell("certbot --version").split()[-1]
    said = site.fails(aliases=(), profile="shortlived")
    assert f"certbot {version} on this host cannot keep to the profile shortlived" in said


CLOCK = f"""
{INSTALL} >/dev/null
sudo tee $(ls -d {PTH} | tail -1)/clock.pth >/dev/null <<'END'
{STARTED}
END
sudo tee /usr/local/bin/python3 >/dev/null <<END
#!/bin/sh
export LD_PRELOAD=$(ls {LIBRARY}) FAKETIME=-3d FAKETIME_NO_CACHE=1
export FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1
exec /usr/bin/python3 "\\$@"
END
sudo chmod +x /usr/local/bin/python3
"""


@pytest.fixture
def wrong_clock(site: Site) -> Iterator[None]:
    """The agent alone sees another clock: the host's is everybody's."""
    site.shell(CLOCK)
    yield
    site.shell(f"sudo rm /usr/local/bin/python3 {PTH}/clock.pth")


@pytest.mark.long
def test_the_host_s_clock_is_wrong(site: Site, wrong_clock: None) -> None:
    before = orders(site)
    said = site.fab("certs.issue", "--force", aliases=())
    assert said.code == 1, str(said)
    assert "this host's clock is 3.0 days behind" in said.err
    assert "timedatectl set-ntp true" in said.err
    assert orders(site) == before
    assert site.serves() == site.shown


@pytest.mark.long
def test_a_certificate_that_has_run_out(site: Site) -> None:
    with troubled(site, lifetime=4):
        renewed(site)
    time.sleep(4)
    status = site.fab("certs.status", aliases=())
    assert "warning: the certificate has run out" in status.out
    assert certificate_of(site.address, GOOD) == site.shown and site.get("-k")
    said = site.fab("deploy", aliases=())
    assert said.code == 0, str(said)
    assert site.serves() != site.shown
    site.shown = site.serves()


def renewed(site: Site) -> None:
    """Renew, although the authority was made anew and has forgotten the account."""
    said = site.fab("certs.renew", "--force", aliases=())
    assert said.code == 0, str(said)
    site.shown = certificate_of(site.address, GOOD)


CONF = f"/etc/letsencrypt/renewal/{GOOD}.conf"
NOT_NOTED = f"sudo sed -i '/webroot_path/d; /webroot_map/,$d' {CONF}"
ELSEWHERE_NOTED = f"sudo sed -i s,/var/lib/letsencrypt,/var/www/html,g {CONF}"


def test_the_webroot_that_renewals_are_answered_from(site: Site) -> None:
    site.shell(NOT_NOTED)
    said = site.fab("certs.renew", "--dry-run", aliases=())
    assert said.code == 1, str(said)
    assert "certbot has not noted where it is to answer the authority" in said.err
    assert "not noted for every name" in site.fab("certs.status", aliases=()).out
    planned = site.fab("certs.obtain", "--dry-run", aliases=())
    assert planned.code == 2 and "note the webroot of each name" in planned.out
    assert "1 of" in site.fab("deploy", aliases=()).err
    assert site.fab("certs.renew", "--dry-run", aliases=()).code == 0
    site.shell(ELSEWHERE_NOTED)
    assert "1 of" in site.fab("deploy", aliases=()).err
    assert site.serves() == site.shown


HOOK = "/etc/letsencrypt/renewal-hooks/deploy/50-flaskwright-nginx"


def test_a_hook_that_is_gone_or_fails_is_loud(site: Site) -> None:
    site.shell(f"sudo rm {HOOK}")
    said = site.fab("certs.renew", "--dry-run", aliases=())
    assert said.code == 1, str(said)
    assert f"the renewal hook {HOOK} is not there" in said.err
    site.shell(f"printf '#!/bin/sh\necho not mine >&2\nexit 7\n' | sudo tee {HOOK}")
    assert "is not executable" in site.fab("certs.prove", aliases=()).err
    site.shell(f"sudo chmod +x {HOOK}")
    said = site.fab("certs.prove", aliases=())
    assert said.code == 1, str(said)
    assert "the renewal hook fails: exit status 7" in said.err
    assert "| not mine" in said.err
    assert "not yet: certs.prove" in site.fab("certs.status", aliases=()).out
    assert site.serves() == site.shown
    assert site.fab("certs.hook", aliases=()).code == 0
    said = site.fab("certs.prove", aliases=())
    assert "hook: ran, and nginx reloaded" in said.out and "renewal: done, and served" in said.out
    assert site.serves() != site.shown
    site.shown = site.serves()
    assert "proven: 2" in site.fab("certs.status", aliases=()).out


FORGET = """
sudo rm /etc/nginx/snippets/flaskwright-hsts-guestbook.conf \
    /var/lib/flaskwright/guestbook/proven.json
sudo systemctl reload nginx
"""


def test_a_proof_that_fails_is_told_and_browsers_are_not_bound(site: Site) -> None:
    assert site.has_hsts()
    site.shell(FORGET)
    site.project.add("news.txt", "a new release")
    with port_80_closed(site.address):
        said = site.fab("deploy", aliases=())
    assert said.code == 3, str(said)
    assert f"the renewal of {GOOD} failed in its rehearsal" in said.err
    assert "is not proven, so HSTS waits" in said.err
    assert "a new release" in site.shell("cat /srv/guestbook/current/code/news.txt")
    assert site.serves() == site.shown and not site.has_hsts()
    said = site.fab("deploy", aliases=())
    assert "2 of" in said.err and site.has_hsts()


def certificate_of(address: str, name: str) -> bytes:
    """Return the certificate that port 443 of an address shows for a name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((address, 443), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=name) as link,
    ):
        return link.getpeercert(binary_form=True) or b""
