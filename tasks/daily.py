"""What a person types every day."""

from dataclasses import replace

from flaskwright import (
    Answer,
    AppStatus,
    Connection,
    Earlier,
    Host,
    Kept,
    Nginx,
    ReleaseList,
    Reload,
    Resources,
    Serving,
    guide_of,
    operation,
    overview,
    question,
)


@operation(
    parallel=False, help={"ref": "Branch, tag or commit to deploy (default: the app's `ref`)."}
)
def deploy(host: Host, ref: str = "") -> Resources:
    """Do what is missing of the set-up, and put a release of the app live."""
    if ref:
        host = replace(host, app=replace(host.declared_app, ref=ref))
    yield from guide_of(host).resources(host, "setup", "deploy")
    app = host.declared_app
    yield Kept(app.root, app.name, app.keep)


@operation()
def setup(host: Host) -> Resources:
    """Prepare the host: everything of its guide that comes before the first release."""
    yield from guide_of(host).resources(host, "setup")


@operation(parallel=False)
def reload(host: Host) -> Resources:
    """Give the live release new workers (gunicorn's HUP); no request fails or waits for it."""
    app = host.declared_app
    yield Reload(app.root, app.name, app.health, host.site_host, app.drain)


@question()
def releases(host: Host) -> Resources:
    """List the releases on the host: commit, live since when, by whom, whether it was any good."""
    app = host.declared_app
    yield ReleaseList(app.root, app.name)


@operation(
    parallel=False,
    help={"to": "The release to go to (default: the last good one before the live one)."},
)
def rollback(host: Host, to: str = "") -> Resources:
    """Put an earlier release live again, with nothing but what is on the host."""
    app = host.declared_app
    yield Earlier(app.root, app.name, to)
    yield Serving(app.root, app.name, app.health, host.site_host, app.timeout)
    yield Nginx()
    yield Answer(app.name, app.health, host.site_host)


@question()
def status(host: Host) -> Resources:
    """Show release, commit, workers and disk of the app on its host."""
    app = host.declared_app
    yield AppStatus(app.root, app.name)


@question(help={"json": "Print one JSON object."})
def steps(c: Connection, json: bool = False) -> None:
    """List every heading of the host's guide with its tasks and their state on the host."""
    overview.show(c)
