"""Which module has the handler of a kind of resource, and what a word of the plan names.

A module is told by its path in the agent, without .py.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


KINDS = {
    "absent": "system/files",
    "after-commit": "releases/commands",
    "answer": "web/answer",
    "app-command": "releases/app_command",
    "app-shell": "releases/app_command",
    "app-name": "app/names",
    "app-status": "questions/status",
    "attach": "transaction/attach",
    "backup-list": "databases/restore",
    "backup-restore": "databases/restore",
    "before-switch": "releases/commands",
    "certificate": "certs/certificate",
    "certificate-deletion": "certs/revocation",
    "certificate-status": "certs/status",
    "credential": "secrets/credential",
    "daemon-reload": "system/units",
    "default-server": "web/nginx/default_server",
    "deploy-key": "git/deploy_key",
    "dh-group": "certs/dh_group",
    "directory": "system/files",
    "earlier": "transaction/rollback",
    "file": "system/files",
    "fitted": "web/nginx/files",
    "hsts": "web/nginx/files",
    "issue": "certs/issue",
    "kept": "transaction/pruning",
    "leads-here": "certs/prerequisites",
    "line": "system/lines",
    "link": "system/files",
    "logs": "questions/logs",
    "maintenance": "web/maintenance",
    "migrated": "databases/migration",
    "mysql-account": "databases/mysql/account",
    "mysql-backup": "databases/mysql/restore",
    "mysql-backup-restore": "databases/mysql/restore",
    "mysql-login": "databases/mysql/server",
    "mysql-migrated": "databases/mysql/migration",
    "mysql-server": "databases/mysql/server",
    "mysql-settled": "databases/mysql/account",
    "nginx": "web/nginx/configuration",
    "nginx-reload": "web/nginx/configuration",
    "nginx-test": "web/nginx/configuration",
    "nobodys-certificate": "web/nginx/default_server",
    "package-lists": "system/packages",
    "packages": "system/packages",
    "permissions": "releases/permissions",
    "port": "system/ports",
    "proof": "certs/proof",
    "prove": "certs/renewal",
    "release": "releases/release",
    "release-list": "app/listing",
    "reload": "processes/reload",
    "renewal": "certs/renewal",
    "repository": "git/repository",
    "requirements": "venvs/requirements",
    "restart": "system/units",
    "revocation": "certs/revocation",
    "secret-list": "secrets/credential",
    "serving": "transaction/serving",
    "trust-bundle": "certs/trust_bundle",
    "try-app": "processes/try_app",
    "unit": "system/units",
    "unit-status": "system/units",
    "upgraded": "system/upgrades",
    "user": "system/users",
    "venv": "venvs/venv",
    "verify": "questions/verify/table",
}

# field of a resource -> its words, and the module that each names (choices.py)
CHOICES = {
    "check": {"nginx": "web/nginx/configuration", "systemd": "checks", "visudo": "checks"},
}


def load(kind: str) -> None:
    """Import the module that has the handler of a kind, which it registers (see handler.py)."""
    module(KINDS[kind])


def module(path: str) -> ModuleType:
    """Import a module of the agent, by its path without .py."""
    return importlib.import_module("." + path.replace("/", "."), __package__)
