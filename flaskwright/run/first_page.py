"""What `./fab` alone shows: the tasks of every day, then the parts, a line each."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..report import columns, hints

if TYPE_CHECKING:
    from invoke import Collection

# in the order of the page: name, options, what it does
DAILY = (
    ("deploy", "[--ref REV] [--dry-run]", "put the app live"),
    ("reload", "", "new workers for the live release"),
    ("rollback", "[--to RELEASE] [--dry-run]", "an earlier release live again"),
    ("releases", "", "which there are"),
    ("status", "", "release, workers, certificate, disk"),
    ("logs", "[-f] [-n N] [--since T]", "what app and site have said"),
    ("run", '"CMD"', "a command in the live release"),
    ("shell", "", "a shell there"),
    ("attach", "", "follow a deploy that goes on without you"),
    ("verify", "[--tls]", "look at site and host with care"),
    ("steps", "", "the guide's headings: done or to do"),
    ("setup", "[--dry-run]", "prepare the host only"),
)
PARTS = {
    "apt": "packages of the distribution",
    "backups": "the app's databases as they were: list, restore",
    "certs": "certificates: issue, renew, status, revoke",
    "config": "the hosts.toml that is read, and whether it is trusted",
    "git": "the app's repository on the host; a deploy key",
    "gunicorn": "the app server and its service",
    "hosts": "list; trust a host's key",
    "maintenance": "a page in the place of the site: on, off",
    "mysql": "server, database, backup, shell",
    "nginx": "the web server and the app's site",
    "sandbox": "throw-away hosts on this machine: up, down",
    "secrets": "what the app reads by keyring: set, import, rotate",
    "venv": "the app's virtual environment",
}
OURS = ("test", "check", "docs")
"""Tasks of who works on Flaskwright; the page leaves them out."""


def page(tasks: Collection) -> Iterator[str]:
    """Yield the lines of the page; of what it has words for, only tasks that there are."""
    typed = hints.program()
    yield "Puts a Flask app on a machine of your own."
    yield ""
    yield from columns.aligned(
        [
            (f"{typed} -H HOST TASK", "a host of hosts.toml, a group, or a,b"),
            (f"{typed} TASK --help", "every option of a task"),
            (f"{typed} --list [PART]", "every task, or those of a part"),
        ]
    )
    yield ""
    yield "Every day:"
    yield from columns.aligned(_daily(tasks))
    yield ""
    yield "Parts:"
    yield from columns.aligned(_parts(tasks))


def _daily(tasks: Collection) -> Iterator[tuple[str, ...]]:
    known = {name: (f"  {name} {options}".rstrip(), words) for name, options, words in DAILY}
    names = [name for name in known if name in tasks.tasks]
    more = [name for name in tasks.tasks if name not in known and name not in OURS]
    for name in (*names, *sorted(more)):
        yield known.get(name) or (f"  {name}", _first_line(tasks.tasks[name]))


def _parts(tasks: Collection) -> Iterator[tuple[str, ...]]:
    for name in sorted(tasks.collections):
        yield f"  {name}.*", PARTS.get(name) or _first_line(tasks.collections[name])


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]
