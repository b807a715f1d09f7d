"""Certificates: from Let's Encrypt, or another ACME authority, renewed by certbot's own timer."""

import re

from flaskwright import (
    Host,
    Resources,
    UsageError,
    confirm,
    fitted_file,
    operation,
    question,
    step,
    template_file,
)
from flaskwright.config.tls import LETS_ENCRYPT
from flaskwright.resources.certs import (
    Certificate,
    CertificateDeletion,
    CertificateStatus,
    DhGroup,
    Issue,
    LeadsHere,
    Proof,
    Prove,
    Renewal,
    Revocation,
    TrustBundle,
)
from flaskwright.resources.system import (
    Absent,
    Directory,
    File,
    Link,
    Packages,
    Port,
    Unit,
)
from flaskwright.resources.web import Hsts, NobodysCertificate
from flaskwright.workstation import certificate_files, reachable_url

from . import webserver
from .webserver import AVAILABLE, DEFAULT, ENABLED

WEBROOT = "/var/lib/letsencrypt"
DH_GROUP = "/etc/ssl/flaskwright-dhparam.pem"
NOBODY = "/etc/ssl/private/flaskwright-nobody.pem"
REASONS = (  # RFC 5280, as certbot spells them
    *("unspecified", "keycompromise", "affiliationchanged", "superseded"),
    "cessationofoperation",
)
BUNDLE, BUNDLED = "/etc/ssl/flaskwright-acme.pem", "/etc/ssl/flaskwright-acme.d"


@step
def install(host: Host) -> Resources:
    """Install certbot (apt-get install certbot)."""
    if host.site.https:
        yield Packages(("certbot",))


@step
def webroot(host: Host) -> Resources:
    """Make the directory that the authority's questions are answered from."""
    if host.site.https:
        yield from webserver.installed(host)
        yield Directory(WEBROOT)
        for path in (f"{WEBROOT}/.well-known", f"{WEBROOT}/.well-known/acme-challenge"):
            yield Directory(path, group="www-data", mode=0o2755)
        yield template_file("/etc/nginx/snippets/flaskwright-acme.conf", host)


@step
def dhparam(host: Host) -> Resources:
    """Put a Diffie-Hellman group there, if `tls.dhparam` wants one; no suite of today needs it."""
    if host.site.https and host.tls and host.tls.dhparam:
        yield DhGroup(DH_GROUP, host.tls.dhparam)


@step
def snippets(host: Host) -> Resources:
    """Write what server blocks include for TLS, and refuse TLS for names that no site here has."""
    if host.site.https:
        yield from webserver.installed(host)
        yield Port(443, owner="nginx")
        yield template_file("/etc/nginx/conf.d/flaskwright.conf", host, check="nginx")
        yield template_file("/etc/nginx/snippets/flaskwright-headers.conf", host)
        yield from dhparam.resources(host)
        yield fitted_file("/etc/nginx/snippets/flaskwright-tls.conf", host)
        yield NobodysCertificate(NOBODY)
        yield fitted_file(f"{AVAILABLE}/{DEFAULT}-tls", host)
        link = f"{ENABLED}/{DEFAULT}-tls"
        yield Link(link, f"../sites-available/{DEFAULT}-tls", check="nginx")


@step
def prerequisites(host: Host) -> Resources:
    """Make sure, before a certificate is asked for, that domain and aliases lead to this host."""
    if host.site.https:
        yield from webserver.running(host)
        yield from webroot.resources(host)
        wanted = _certificate(host)
        seen = reachable_url.resolve(host)
        yield LeadsHere(wanted.server, wanted.webroot, seen)


@step
def obtain(host: Host) -> Resources:
    """Obtain a certificate for domain and aliases (certbot certonly --webroot)."""
    if host.site.https:
        yield from prerequisites.resources(host)
        yield from install.resources(host)
        yield from trust(host)
        yield _certificate(host)
        # left by a power cut
        yield Absent("/etc/nginx/conf.d/flaskwright-challenge.conf", check="nginx")


@step
def hook(host: Host) -> Resources:
    """Have nginx take up each renewed certificate (certbot's renewal-hooks/deploy)."""
    if host.site.https:
        yield from install.resources(host)
        path = "/etc/letsencrypt/renewal-hooks/deploy"
        yield Directory(path)
        yield template_file(f"{path}/50-flaskwright-nginx", host, mode=0o755)


@step
def timer(host: Host) -> Resources:
    """Have certbot's own timer renew certificates, twice a day if they are due."""
    if host.site.https:
        yield from install.resources(host)
        yield from trust(host)
        yield Unit("certbot.timer")


@step
def hsts(host: Host) -> Resources:
    """Have browsers insist on HTTPS (HSTS), once a renewal was rehearsed and its hook tried."""
    if host.site.https:
        yield from snippets.resources(host)
        yield from hook.resources(host)
        yield from timer.resources(host)
        yield Proof(_certificate(host))
        yield _hsts(host)


@operation(help={"force": "Order another one, although there is one."})
def issue(host: Host, force: bool = False) -> Resources:
    """Look whether a certificate can be had, rehearse, and order it; --dry-run only rehearses."""
    certificate = _certificate(host)
    yield from webserver.running(host)
    yield from webroot.resources(host)
    yield from install.resources(host)
    yield from trust(host)
    yield Issue(certificate, force, reachable_url.resolve(host))


@operation(help={"force": "Renew it although it is not due."})
def renew(host: Host, force: bool = False) -> Resources:
    """Renew the certificate if it is due; --dry-run asks the authority for a rehearsal."""
    yield Renewal(_certificate(host), force)


@operation()
def prove(host: Host) -> Resources:
    """Rehearse the renewal and run its hook; where the authority is for tests, renew, too."""
    certificate = _certificate(host)
    yield Prove(certificate, force=certificate.server != LETS_ENCRYPT)
    yield _hsts(host)


@operation(
    parallel=False,
    help={
        "reason": "unspecified, keycompromise, affiliationchanged, superseded or "
        "cessationofoperation.",
        "yes": "Revoke it without a question.",
    },
)
def revoke(host: Host, reason: str = "unspecified", yes: bool = False) -> Resources:
    """Revoke the certificate, its key being no secret any more; the site gets another first."""
    if reason not in REASONS:
        raise UsageError(f"--reason {reason}: one of {', '.join(REASONS)}")
    certificate = _certificate(host)
    confirm(f"Revoke the certificate for {host.site.domain}, for good?", yes)
    yield Revocation(certificate, reason)


@operation(
    parallel=False,
    help={
        "domain": "Whose certificate (default: the host's domain).",
        "yes": "Delete it without a question.",
    },
)
def delete(host: Host, domain: str = "", yes: bool = False) -> Resources:
    """Delete a certificate with its key from the host; not while a site shows it."""
    name = domain or host.site.domain
    if not name:
        raise UsageError(f"{host.name} has no domain", next="certs.delete --domain NAME")
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name):
        raise UsageError(f"--domain {name}: should be a domain name")
    confirm(f"Delete the certificate for {name} and its key from {host.name}?", yes)
    yield CertificateDeletion(name)


@question()
def status(host: Host) -> Resources:
    """Show the certificate that port 443 serves, and all that its renewal hangs on."""
    yield CertificateStatus(_certificate(host))


def trust(host: Host) -> Resources:
    """What certbot trusts, by our hand and by the timer's, where the authority is no usual one."""
    authority = certificate_files.of_authority(host)
    if authority:
        yield Directory(BUNDLED)
        text = f"# Made by Flaskwright: acme.ca of {host.name}.\n{authority}"
        yield File(f"{BUNDLED}/{host.declared_app.name}.pem", text)
        yield TrustBundle(BUNDLE, BUNDLED)
        yield Directory("/etc/systemd/system/certbot.service.d")
        yield template_file("/etc/systemd/system/certbot.service.d/flaskwright.conf", host)
        yield Unit("certbot.service", running=None, enabled=None)


def _certificate(host: Host) -> Certificate:
    """Return the certificate of the host's site; raises UsageError for one of plain HTTP."""
    _must_have_https(host)
    bundle = BUNDLE if certificate_files.of_authority(host) else ""
    server = host.acme.server if host.acme else LETS_ENCRYPT
    profile = (host.acme.profile if host.acme else None) or ""
    key = "rsa" if host.tls and host.tls.dhparam else "ecdsa"
    return Certificate(server, WEBROOT, host.email, bundle, profile, key)


def _hsts(host: Host) -> Hsts:
    """What the site says of it, in a file of its own: several sites share all other snippets."""
    file = template_file("/etc/nginx/snippets/flaskwright-hsts-{app}.conf", host, check="nginx")
    return Hsts(file.path, file.content, check=file.check)


def _must_have_https(host: Host) -> None:
    if not host.site.https:
        raise UsageError(
            f"{host.name} has no certificate",
            why="Without a domain, or with tls.off, its site is plain HTTP.",
            next=f"set `domain` in [hosts.{host.name}] of hosts.toml",
        )
