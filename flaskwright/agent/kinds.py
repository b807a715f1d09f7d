"""Which module has the handler of a kind of resource, and what a word of the plan names.

A module is told by its path in the agent, without .py.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


KINDS = {
    "absent": "absent",
    "after-commit": "hooks",
    "answer": "answer",
    "app-command": "incommand",
    "app-shell": "incommand",
    "app-name": "appname",
    "app-status": "appstatus",
    "attach": "attach",
    "backup-list": "restoring",
    "backup-restore": "restoring",
    "before-switch": "hooks",
    "certificate": "certificate",
    "certificate-deletion": "revocation",
    "certificate-status": "certstatus",
    "credential": "credential",
    "daemon-reload": "acts",
    "default-server": "defaultserver",
    "deploy-key": "deploykey",
    "dh-group": "dhgroup",
    "directory": "directories",
    "earlier": "earlier",
    "file": "files",
    "fitted": "fitted",
    "hsts": "hsts",
    "issue": "issue",
    "kept": "pruning",
    "leads-here": "leadshere",
    "line": "lines",
    "link": "links",
    "logs": "logs",
    "maintenance": "maintenance",
    "migrated": "migration",
    "mysql-account": "mysqlaccount",
    "mysql-backup": "mysqlrestoring",
    "mysql-backup-restore": "mysqlrestoring",
    "mysql-login": "mysqllogin",
    "mysql-migrated": "mysqlmigration",
    "mysql-server": "mysqlserver",
    "mysql-settled": "mysqlaccount",
    "nginx": "nginx",
    "nginx-reload": "acts",
    "nginx-test": "acts",
    "nobodys-certificate": "nobody",
    "package-lists": "acts",
    "packages": "packages",
    "permissions": "permissions",
    "port": "ports",
    "proof": "proof",
    "prove": "renewal",
    "release": "release",
    "release-list": "listing",
    "reload": "reload",
    "renewal": "renewal",
    "repository": "repository",
    "requirements": "requirements",
    "restart": "acts",
    "revocation": "revocation",
    "secret-list": "credential",
    "serving": "serving",
    "trust-bundle": "bundle",
    "try-app": "trial",
    "unit": "units",
    "unit-status": "acts",
    "upgraded": "upgrade",
    "user": "users",
    "venv": "venv",
    "verify": "verify",
}

# field of a resource -> its words, and the module that each names (choices.py)
CHOICES = {
    "check": {"nginx": "candidate", "systemd": "checks", "visudo": "checks"},
}


def load(kind: str) -> None:
    """Import the module that has the handler of a kind, which it registers (see handler.py)."""
    module(KINDS[kind])


def module(path: str) -> ModuleType:
    """Import a module of the agent, by its path without .py."""
    return importlib.import_module("." + path.replace("/", "."), __package__)
