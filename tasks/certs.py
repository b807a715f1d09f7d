"""Certificates: from Let's Encrypt, or another ACME authority, renewed by certbot's own timer."""

from flaskwright import (
    Absent,
    Certificate,
    CertificateStatus,
    Directory,
    File,
    Host,
    LeadsHere,
    Link,
    NobodysCertificate,
    Packages,
    Port,
    Renewal,
    Resources,
    TrustBundle,
    Unit,
    UsageError,
    fitted_file,
    operation,
    question,
    step,
    template_file,
)

from . import nginx

LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"
WEBROOT = "/var/lib/letsencrypt"
NOBODY = "/etc/ssl/private/flaskwright-nobody.pem"
BUNDLE, BUNDLED = "/etc/ssl/flaskwright-acme.pem", "/etc/ssl/flaskwright-acme.d"


@step
def install(host: Host) -> Resources:
    """Install certbot (apt-get install certbot)."""
    if host.https:
        yield Packages(("certbot",))


@step
def webroot(host: Host) -> Resources:
    """Make the directory that the authority's questions are answered from."""
    if host.https:
        yield from nginx.install.resources(host)
        yield Directory(WEBROOT)
        for path in (f"{WEBROOT}/.well-known", f"{WEBROOT}/.well-known/acme-challenge"):
            yield Directory(path, group="www-data", mode=0o2755)
        yield template_file("/etc/nginx/snippets/flaskwright-acme.conf", host)


@step
def snippets(host: Host) -> Resources:
    """Write what server blocks include for TLS, and refuse TLS for names that no site here has."""
    if host.https:
        yield from nginx.install.resources(host)
        yield Port(443, owner="nginx")
        yield template_file("/etc/nginx/conf.d/flaskwright.conf", host, check="nginx")
        yield template_file("/etc/nginx/snippets/flaskwright-headers.conf", host)
        yield fitted_file("/etc/nginx/snippets/flaskwright-tls.conf", host)
        yield NobodysCertificate(NOBODY)
        yield fitted_file(f"{nginx.AVAILABLE}/{nginx.DEFAULT}-tls", host)
        link = f"{nginx.ENABLED}/{nginx.DEFAULT}-tls"
        yield Link(link, f"../sites-available/{nginx.DEFAULT}-tls", check="nginx")


@step
def prerequisites(host: Host) -> Resources:
    """Make sure, before a certificate is asked for, that domain and aliases lead to this host."""
    if host.https:
        yield from nginx.start.resources(host)
        yield from webroot.resources(host)
        wanted = _certificate(host)
        yield LeadsHere(wanted.domain, wanted.names, wanted.server, wanted.webroot)


@step
def obtain(host: Host) -> Resources:
    """Obtain a certificate for domain and aliases (certbot certonly --webroot)."""
    if host.https:
        yield from prerequisites.resources(host)
        yield from install.resources(host)
        yield from trust(host)
        yield _certificate(host)
        yield Absent("/etc/nginx/conf.d/flaskwright-challenge.conf")  # left by a power cut


@step
def hook(host: Host) -> Resources:
    """Have nginx take up each renewed certificate (certbot's renewal-hooks/deploy)."""
    if host.https:
        yield from install.resources(host)
        path = "/etc/letsencrypt/renewal-hooks/deploy"
        yield Directory(path)
        yield template_file(f"{path}/50-flaskwright-nginx", host, mode=0o755)


@step
def timer(host: Host) -> Resources:
    """Have certbot's own timer renew certificates, twice a day if they are due."""
    if host.https:
        yield from install.resources(host)
        yield from trust(host)
        yield Unit("certbot.timer")


@operation(help={"force": "Renew it although it is not due."})
def renew(host: Host, force: bool = False) -> Resources:
    """Renew the certificate if it is due; --dry-run asks the authority for a rehearsal."""
    yield Renewal(_certificate(host), host.acme.server if host.acme else "", force)


@question()
def status(host: Host) -> Resources:
    """Show the certificate that port 443 serves, and what will renew it."""
    yield CertificateStatus(_domain(host))


def trust(host: Host) -> Resources:
    """What certbot trusts, by our hand and by the timer's, where the authority is no usual one."""
    if host.ca_certificate:
        yield Directory(BUNDLED)
        text = f"# Made by Flaskwright: acme.ca of {host.name}.\n{host.ca_certificate}"
        yield File(f"{BUNDLED}/{host.declared_app.name}.pem", text)
        yield TrustBundle(BUNDLE, BUNDLED)
        yield Directory("/etc/systemd/system/certbot.service.d")
        yield template_file("/etc/systemd/system/certbot.service.d/flaskwright.conf", host)
        yield Unit("certbot.service", running=None, enabled=None)


def _certificate(host: Host) -> Certificate:
    bundle = BUNDLE if host.ca_certificate else ""
    server = host.acme.server if host.acme else LETS_ENCRYPT
    return Certificate(_domain(host), host.site_names, server, WEBROOT, host.email, bundle)


def _domain(host: Host) -> str:
    if host.domain and host.https:
        return host.domain
    raise UsageError(
        f"{host.name} has no certificate",
        why="Without a domain, or with tls.off, its site is plain HTTP.",
        next=f"set `domain` in [hosts.{host.name}] of hosts.toml",
    )
