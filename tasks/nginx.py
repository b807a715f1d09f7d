"""nginx: installation, tuning, the app's site."""

from flaskwright import (
    Host,
    Resources,
    operation,
    question,
    step,
    template_file,
)
from flaskwright.resources.system import (
    Absent,
    Line,
    Link,
    Restart,
    UnitStatus,
)
from flaskwright.resources.web import (
    Answer,
    DefaultServer,
    Nginx,
    NginxReload,
    NginxTest,
)

from . import certs, gunicorn, maintenance, webserver
from .webserver import AVAILABLE, DEFAULT, ENABLED


@step
def install(host: Host) -> Resources:
    """Install nginx (apt-get install nginx)."""
    yield from webserver.installed(host)


@question()
def status(host: Host) -> Resources:
    """Check whether nginx runs (service nginx status)."""
    yield UnitStatus("nginx.service")


@step
def start(host: Host) -> Resources:
    """Start nginx, now and at boot (service nginx start)."""
    yield from webserver.running(host)


@step
def multi_accept(host: Host) -> Resources:
    """Let each worker accept all new connections at a time (multi_accept, in nginx.conf)."""
    yield from install.resources(host)
    yield Line(
        "/etc/nginx/nginx.conf",
        pattern=r"^\s*#?\s*multi_accept\s+\w+\s*;",
        line="\tmulti_accept on;",
        after=r"^\s*events\s*\{",
        check="nginx",
    )
    yield Nginx()


@step
def tuning(host: Host) -> Resources:
    """Write the guide's eight other directives as a snippet that our server blocks include."""
    yield from install.resources(host)
    yield template_file("/etc/nginx/snippets/flaskwright-tuning.conf", host)


@step
def default(host: Host) -> Resources:
    """Remove the stock default site; names that no site here has get no answer."""
    yield from install.resources(host)
    yield Absent(f"{ENABLED}/default", check="nginx")
    yield DefaultServer((80, 443) if host.site.https else (80,))
    yield template_file(f"{AVAILABLE}/{DEFAULT}", host)
    yield Link(f"{ENABLED}/{DEFAULT}", f"../sites-available/{DEFAULT}", check="nginx")
    yield Nginx()


@step
def proxy(host: Host) -> Resources:
    """Write the snippet that says how a request reaches the app: headers that nobody can forge."""
    yield from install.resources(host)
    yield template_file("/etc/nginx/conf.d/flaskwright-lasting.conf", host, check="nginx")
    yield template_file("/etc/nginx/snippets/flaskwright-proxy.conf", host)


@step
def site(host: Host) -> Resources:
    """Put the app's server block live: part of the release, linked through `current`.

    It comes before `default`: a site that somebody has made by hand in its place may be the
    default server, and has to be taken over first.
    """
    app = host.declared_app
    yield from tuning.resources(host)
    yield from proxy.resources(host)
    yield template_file("/etc/nginx/snippets/flaskwright-acme.conf", host)
    yield from maintenance.page(host)
    yield from certs.snippets.resources(host)
    yield from gunicorn.service.resources(host)
    yield Link(f"{AVAILABLE}/{app.name}", f"{app.place.current}{AVAILABLE}/{app.name}")
    yield Link(f"{ENABLED}/{app.name}", f"../sites-available/{app.name}", check="nginx")
    yield from default.resources(host)
    yield Nginx()
    yield Answer(app.health.path)


@question()
def test(host: Host) -> Resources:
    """Test the configuration (nginx -t); a warning counts as a failure."""
    yield NginxTest()


@operation()
def restart(host: Host) -> Resources:
    """Restart nginx (systemctl restart nginx) if its configuration is good; reload is gentler."""
    yield NginxTest()
    yield Restart("nginx.service")


@operation()
def reload(host: Host) -> Resources:
    """Test the configuration and reload it (service nginx reload), with proof that it is live."""
    yield NginxReload()
