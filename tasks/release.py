"""What `gunicorn.service`, `nginx.site` and `deploy` share: the release and the switch to it."""

import shlex

from flaskwright import (
    Absent,
    AfterCommit,
    AppName,
    BeforeSwitch,
    Credential,
    Directory,
    Host,
    Link,
    Migrated,
    MysqlMigrated,
    Release,
    ReleaseFile,
    Resources,
    Serving,
    Unit,
    User,
    become,
    hiding_files,
    mysql,
    release_file,
    template_file,
)

from . import certs


def users(host: Host) -> Resources:
    """The app's system user, the user that builds for it, and the directories of both."""
    app = host.declared_app
    yield AppName(app.name, app.root)
    yield User(app.name, app.shared_path, comment=f"Flaskwright app {app.name}")
    cache = f"/var/cache/flaskwright/{app.name}"
    yield User(app.builder, cache, comment=f"Flaskwright builds of {app.name}")
    for path in (app.root, f"{app.root}/venvs", f"{app.root}/releases"):
        yield Directory(path)


def shared(host: Host) -> Resources:
    """The one directory that the app may write, and that outlives every release."""
    app = host.declared_app
    yield Directory(app.shared_path, owner=app.name, group=app.name, mode=0o750)


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
        app.root,
        app=app.name,
        builder=app.builder,
        wsgi=app.wsgi,
        directory=app.directory,
        shared=app.shared,
        static=tuple(sorted(app.static.values())),
        files=_files(host),
    )
    yield Link(unit, f"{app.root}/current{unit}")
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
        yield Credential(app.root, app.name, app.entries, on_host)


def before_switch(host: Host) -> Resources:
    """What the app itself has to do before a new release of it goes live."""
    app = host.declared_app
    if app.migrate and host.mysql:
        argv, database = _in_release(host, app.migrate), mysql.names(host).database
        yield MysqlMigrated(app.root, app.name, argv, app.keep, database)
    elif app.migrate:
        yield Migrated(app.root, app.name, _in_release(host, app.migrate), app.keep)
    if app.hooks and app.hooks.before_switch:
        yield BeforeSwitch(app.root, app.name, _in_release(host, app.hooks.before_switch))


def after_commit(host: Host) -> Resources:
    """What the app itself has to do once a new release of it is live."""
    app = host.declared_app
    if app.hooks and app.hooks.after_commit:
        yield AfterCommit(app.root, app.name, _in_release(host, app.hooks.after_commit))


def serving(host: Host) -> Resources:
    """The switch to the release that the plan is about."""
    app = host.declared_app
    asked = (app.health.path, host.site_host, host.https)
    yield Serving(app.root, app.name, *asked, app.cutover, app.drain, app.health.status)


def _in_release(host: Host, command: str) -> tuple[str, ...]:
    words = map(host.filled, shlex.split(command))
    return become.in_release(host.declared_app, *words)


def _files(host: Host) -> dict[str, ReleaseFile]:
    """The release's units, site and gunicorn settings; only the app may read its environment."""
    settings = "/srv/{app}/current/etc/gunicorn.conf.py"
    app = host.declared_app
    files = [
        release_file("/etc/systemd/system/{app}@.service", host),
        release_file("/run/systemd/system/flaskwright.canary.{app}.service", host),
        release_file("/run/systemd/system/flaskwright.canary.{app}.socket", host),
        release_file("/etc/nginx/sites-available/{app}", host),
        release_file(settings, host, mode=0o640, group=app.name),
        release_file("/srv/{app}/current/etc/launch", host, mode=0o640, group=app.name),
    ]
    if app.entries:
        files += hiding_files()
    if app.secrets or app.plain:
        files.append(release_file("/srv/{app}/current/etc/keyring/flaskwright_keyring.py", host))
    return dict(files)
