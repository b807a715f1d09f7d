"""What `gunicorn.service`, `nginx.site` and `deploy` share: the release and the switch to it."""

import shlex

from flaskwright import (
    Host,
    Resources,
    hiding_files,
    release_file,
    template_file,
    workers_file,
)
from flaskwright.config.permissions import KEPT
from flaskwright.plan import release_command
from flaskwright.resources.app import AppName, Permissions
from flaskwright.resources.databases import Migrated, MysqlMigrated
from flaskwright.resources.releases import (
    AfterCommit,
    BeforeSwitch,
    Release,
    ReleaseFile,
)
from flaskwright.resources.secrets import Credential
from flaskwright.resources.system import (
    Absent,
    Directory,
    Link,
    Unit,
    User,
)
from flaskwright.resources.transaction import Serving
from flaskwright.workstation import mysql

from . import certs

PAGES = (413, 429, 502, 504)  # what nginx itself answers in an app's place


def users(host: Host) -> Resources:
    """The app's system user, the user that builds for it, and the directories of both."""
    app = host.declared_app
    yield AppName()
    yield User(app.name, app.place.shared, comment=f"Flaskwright app {app.name}")
    cache = app.place.cache
    yield User(app.builder, cache, comment=f"Flaskwright builds of {app.name}")
    yield from permitted(host)
    for path in (app.place.root, app.place.venvs, app.place.releases):
        yield Directory(path)


def permitted(host: Host) -> Resources:
    """What the app may reach of the host besides its own, looked at before anything is built."""
    app = host.declared_app
    given = app.permissions
    if given and (given.devices or given.groups or given.write):
        asked = (given.devices, given.groups, given.write)
        yield Permissions(*asked, KEPT)


def shared(host: Host) -> Resources:
    """The one directory that the app may write, and that outlives every release."""
    app = host.declared_app
    yield Directory(app.place.shared, owner=app.name, group=app.name, mode=0o750)


def live(host: Host) -> Resources:
    """The release of this plan's commit and configuration, and the slots that serve it.

    Without a repository in the plan it is a release of the commit that is live, with the
    configuration of today.
    """
    app = host.declared_app
    unit = f"/etc/systemd/system/{app.name}@.service"
    yield from users(host)
    yield from credential(host)
    yield from certs.obtain.resources(host)  # its site names the certificate: nginx may reload
    yield from shared(host)
    yield template_file("/etc/systemd/system/{app}.socket", host, check="systemd")
    yield from recover(host)
    yield Release(
        builder=app.builder,
        wsgi=app.wsgi,
        directory=app.directory,
        shared=app.shared,
        static=tuple(sorted(app.static.values())),
        workers=(app.worker_class, app.workers, app.threads),
        files=_files(host),
    )
    yield Link(unit, f"{app.place.current}{unit}")
    yield from before_switch(host)
    yield from serving(host)
    yield Unit(f"{app.name}.socket")


def recover(host: Host) -> Resources:
    """The unit that undoes at boot; that of earlier versions had a name that an app may have."""
    yield template_file("/etc/systemd/system/flaskwright.recover.service", host, check="systemd")
    yield Unit("flaskwright.recover.service", running=None)
    for place in ("sysinit.target.wants/", ""):
        yield Absent(f"/etc/systemd/system/{place}flaskwright-recover.service")


def credential(host: Host) -> Resources:
    """The app's secrets on the host, whose release names them; a file needs the app's user."""
    app = host.declared_app
    if app.entries:
        on_host = host.keyring.on_host if host.keyring else None
        yield Credential(app.entries, on_host)


def before_switch(host: Host) -> Resources:
    """What the app itself has to do before a new release of it goes live."""
    app = host.declared_app
    if app.migrate and host.mysql:
        argv, database = _in_release(host, app.migrate), mysql.names(host).database
        yield MysqlMigrated(argv, app.keep, database)
    elif app.migrate:
        yield Migrated(_in_release(host, app.migrate), app.keep)
    if app.hooks and app.hooks.before_switch:
        yield BeforeSwitch(_in_release(host, app.hooks.before_switch))


def after_commit(host: Host) -> Resources:
    """What the app itself has to do once a new release of it is live."""
    app = host.declared_app
    if app.hooks and app.hooks.after_commit:
        yield AfterCommit(_in_release(host, app.hooks.after_commit))


def serving(host: Host) -> Resources:
    """The switch to the release that the plan is about."""
    app = host.declared_app
    yield Serving(app.health.path, app.cutover, app.drain, app.health.status)


def _in_release(host: Host, command: str) -> tuple[str, ...]:
    words = map(host.filled, shlex.split(command))
    return release_command.in_release(host.declared_app, *words)


def _files(host: Host) -> dict[str, ReleaseFile]:
    """The release's units, site and gunicorn settings; only the app may read its environment."""
    etc = "/srv/{app}/current/etc"
    app = host.declared_app
    files = [
        release_file("/etc/systemd/system/{app}@.service", host),
        release_file("/run/systemd/system/flaskwright.canary.{app}.service", host),
        release_file("/run/systemd/system/flaskwright.canary.{app}.socket", host),
        release_file("/etc/nginx/sites-available/{app}", host),
        release_file(f"{etc}/gunicorn.conf.py", host, mode=0o640, group=app.name),
        workers_file(),
        *(release_file(f"{etc}/pages/{status}.html", host) for status in PAGES),
        release_file(f"{etc}/launch", host, mode=0o640, group=app.name),
    ]
    if app.entries:
        files += hiding_files()
    if app.secrets or app.plain:
        files.append(release_file(f"{etc}/keyring/flaskwright_keyring.py", host))
    return dict(files)
