"""gunicorn: the app server, as a service of systemd."""

from flaskwright import (
    Host,
    Resources,
    operation,
    question,
    step,
)
from flaskwright.resources.processes import TryApp
from flaskwright.resources.system import (
    DaemonReload,
    Link,
    Restart,
    Unit,
    UnitStatus,
)

from . import release

WANTS = "/etc/systemd/system/multi-user.target.wants"


@operation()
def by_hand(host: Host) -> Resources:
    """Run the live release by hand once (gunicorn --bind=…), beside the service, and ask it."""
    app = host.declared_app
    yield TryApp("gunicorn", app.health.path, app.health.status)


@step
def permissions(host: Host) -> Resources:
    """Let the app write its own directory, and nothing else (instead of chmod 666)."""
    yield from release.users(host)
    yield from release.shared(host)


@step
def service(host: Host) -> Resources:
    """Put the unit live: part of the release, linked through `current`, on a permanent socket."""
    yield from release.live(host)


@step
def enable(host: Host) -> Resources:
    """Start the app at boot (systemctl enable), whichever release is live then."""
    app = host.declared_app
    yield Link(f"{WANTS}/{app.name}@1.service", f"../{app.name}@.service")


@step
def start(host: Host) -> Resources:
    """Start the app: its socket, and a slot that answers (systemctl start)."""
    yield Unit(f"{host.declared_app.name}.socket")
    yield from release.serving(host)


@question()
def status(host: Host) -> Resources:
    """Check whether the app's service runs (systemctl status)."""
    yield UnitStatus(f"{host.declared_app.name}@*.service")


@operation()
def restart(host: Host) -> Resources:
    """Restart the app; requests wait in the socket meanwhile (systemctl restart)."""
    yield Restart(f"{host.declared_app.name}@*.service")


@operation()
def daemon_reload(host: Host) -> Resources:
    """Make systemd read its units again (systemctl daemon-reload)."""
    yield DaemonReload()
