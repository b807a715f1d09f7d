"""Backups of the app's databases: each migration takes one before it begins."""

from flaskwright import (
    Host,
    Resources,
    operation,
    question,
)
from flaskwright.resources.databases import BackupList, BackupRestore

from . import mysql


@question(name="list")
def list_(host: Host) -> Resources:
    """List the backups on the host: since when, how large, what they were taken before."""
    yield BackupList()


@operation(help={"id": "Which one; backups.list has them."})
def restore(host: Host, id: str = "") -> Resources:
    """Put the databases of a backup back; what is there is backed up first."""
    if host.mysql:
        yield from mysql.restore.resources(host, id=id)
    else:
        yield BackupRestore(id)
