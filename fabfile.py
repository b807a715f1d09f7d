"""The namespace of `fab`: daily tasks at the top, a collection for each part."""

from invoke import Collection

import guides
from tasks import (
    apt,
    backups,
    certs,
    config,
    daily,
    development,
    git,
    gunicorn,
    hosts,
    maintenance,
    mysql,
    nginx,
    sandbox,
    secrets,
    venv,
)

PARTS = (
    *(apt, backups, certs, config, git, gunicorn, hosts, maintenance, mysql, nginx, sandbox),
    *(secrets, venv),
)

ns = Collection.from_module(daily)
for name, task in Collection.from_module(development).tasks.items():
    ns.add_task(task, name)
for part in PARTS:
    ns.add_collection(Collection.from_module(part))

__all__ = ["guides", "ns"]
