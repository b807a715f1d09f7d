"""Maintenance: a page in the place of the site, while somebody works on it."""

from flaskwright import (
    Host,
    Resources,
    operation,
    template_file,
)
from flaskwright.resources.system import Directory
from flaskwright.resources.web import Maintenance


@operation()
def on(host: Host) -> Resources:
    """Give visitors a page that says so, with status 503; the health path stays open."""
    yield from page(host)
    yield _maintenance(host, on=True)


@operation()
def off(host: Host) -> Resources:
    """Give visitors the site again."""
    yield _maintenance(host, on=False)


def page(host: Host) -> Resources:
    """The page that visitors get meanwhile."""
    yield Directory(f"{host.declared_app.place.root}/maintenance")
    yield template_file("/srv/{app}/maintenance/index.html", host)


def _maintenance(host: Host, on: bool) -> Maintenance:
    return Maintenance(on)
