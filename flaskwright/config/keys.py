"""Every key of hosts.toml: its kind, one sentence, its default. Checks and pages come from here."""

from __future__ import annotations

from typing import Any, ClassVar

from . import (
    code,
    env,
    names,
    paths,
)
from .health import HEALTH, Health
from .keyring import Source
from .mysql import Mysql
from .permissions import Permissions
from .table import Table, key, table
from .tls import Acme, Tls
from .values import (
    Flag,
    ListOf,
    MapOf,
    OneOf,
    Whole,
)

GUIDES = ("raspberry-pi", "ubuntu", "nest", "uberspace", "docker")
SUITES = ("bookworm", "trixie", "bullseye")
PORT = Whole(1, 65535)


@table
class Hooks:
    """Commands of the app that run during a deploy."""

    before_switch: str | None = key(
        code.FILLED, "Run in the new release before it goes live.", default=None
    )
    after_commit: str | None = key(
        code.FILLED, "Run in the new release once it is live.", default=None
    )


@table
class AppTable:
    """A git repository with a Flask app."""

    RENAMED: ClassVar = {"timeout": "deploy_timeout"}

    repo: str = key(
        code.REPO,
        "What git clones on the host, or a path relative to hosts.toml, whose commit is sent.",
    )
    directory: str = key(paths.DIRECTORY, "The app's directory inside the repository.", default="")
    ref: str = key(
        code.REF,
        "The branch, tag or commit to deploy; when not given, HEAD of the repository.",
        default="",
    )
    wsgi: str = key(code.WSGI, "What gunicorn runs.", default="app:app")
    requirements: str | None = key(
        paths.FILE,
        "The requirements file, in the app's directory or above it; when not given, "
        "requirements.txt and its like or pyproject.toml, or else Flask alone.",
        default=None,
    )
    python: str = key(paths.PYTHON, "The host's interpreter for the venv.", default="python3")
    health: Health = key(
        HEALTH,
        "The path that a healthy app answers, or { path, status } with the statuses that count; "
        "when not given, 200 to 399. A redirect within the site is followed.",
        default=Health(),
    )
    static: dict[str, str] = key(
        MapOf(paths.STATIC_URL, paths.STATIC_PATH),
        'What nginx serves by itself: URLs, and paths in the app\'s directory; "/" at the end of '
        "both for a directory, of neither for a file.",
        default={"/static/": "static/"},
    )
    shared: tuple[str, ...] = key(
        ListOf(paths.SHARED_PATH),
        "Paths in the app's directory that outlive a release and that the app may write; "
        '"/" ends a directory.',
        default=(),
    )
    env: dict[str, str] = key(
        MapOf(names.ENV_NAME, env.VALUE),
        "The app's environment; {shared} is its directory for data, {release} the release's name, "
        "{domain} the host's domain; secret:SERVICE/USERNAME is filled from the keyring.",
        default={},
    )
    secrets: tuple[str, ...] = key(
        ListOf(names.ENTRY), "Keyring entries that the app reads, SERVICE/USERNAME.", default=()
    )
    plain: tuple[str, ...] = key(
        ListOf(names.ENTRY),
        "Keyring entries that it reads and that are no secret, such as a host name: not redacted.",
        default=(),
    )
    migrate: str | None = key(
        code.FILLED,
        "What brings the database to the new release's schema, after a backup; {shared}, {release} "
        "and {domain} as in `env`, in hooks too. Neither it nor a hook is run by a shell.",
        default=None,
    )
    hooks: Hooks | None = key(Table(Hooks), "Commands that run during a deploy.", default=None)
    workers: int | None = key(
        Whole(1, 64),
        "Worker processes of gunicorn; when not given, 2, or 1 where Flask-SocketIO is installed.",
        default=None,
    )
    threads: int | None = key(
        Whole(1, 256),
        "Threads of each worker; when not given, 4, or 100 where Flask-SocketIO or Flask-Sock is "
        "installed.",
        default=None,
    )
    worker_class: str | None = key(
        code.WORKER_CLASS,
        "The kind of gunicorn's workers; when not given, gthread, or what Flask-SocketIO takes.",
        default=None,
    )
    upload: str = key(code.SIZE, "The largest request, in mega- or gigabytes.", default="16M")
    request_timeout: int = key(
        Whole(1, 86400), "Seconds that visitors wait for a silent app.", default=60
    )
    deploy_timeout: int = key(
        Whole(30, 86400),
        "Seconds that a deploy may take on the host; a Pi builds wheels for long.",
        default=1800,
    )
    drain: int = key(Whole(0, 3600), "Seconds that requests in flight have to finish.", default=30)
    memory: str | None = key(
        code.SIZE,
        "The most memory that the processes of a release may have together, in mega- or gigabytes; "
        "also each command in it.",
        default=None,
    )
    keep: int = key(Whole(1, 1000), "Releases, and backups, that stay on the host.", default=5)
    cutover: str = key(
        OneOf("auto", "restart"),
        "How the new release takes over: auto chooses what no visitor notices.",
        default="auto",
    )
    outbound: bool = key(
        Flag(),
        "Whether the app may reach other machines than its own; `verify` tells whether the host "
        "can hold it back.",
        default=True,
    )
    permissions: Permissions | None = key(
        Table(Permissions), "What of the host it may reach, besides its own.", default=None
    )


@table
class Sandbox:
    """A throw-away host on this machine."""

    suite: str = key(OneOf(*SUITES), "The Debian release that it runs.", default="bookworm")


@table
class Unsettled:
    """A table of hosts.toml without keys: none of its part is served by this version."""


@table
class HostTable:
    """A machine, the guide that it follows, the app that it runs."""

    guide: str = key(OneOf(*GUIDES), "The how-to that is followed.")
    app: Any = key(names.APP_NAME, "The app that runs here.")
    address: str = key(
        names.ADDRESS, "How ssh reaches the host; needed unless it is a sandbox.", default=""
    )
    user: str | None = key(
        names.USER, "The login name; when not given, the one that ssh would use.", default=None
    )
    port: int | None = key(PORT, "The port of sshd; when not given, the one of ssh.", default=None)
    domain: str | None = key(
        names.DOMAIN,
        "The site's name, over HTTPS; without one it answers on the address, over plain HTTP.",
        default=None,
    )
    aliases: tuple[str, ...] = key(
        ListOf(names.DOMAIN), "Further names, which lead to the domain.", default=()
    )
    email: str | None = key(names.EMAIL, "Where the certificate authority writes to.", default=None)
    sandbox: Sandbox | None = key(
        Table(Sandbox), "A host that is made on this machine, and thrown away.", default=None
    )
    acme: Acme | None = key(Table(Acme), "Another certificate authority, or profile.", default=None)
    tls: Tls | None = key(Table(Tls), "Other TLS settings.", default=None)
    keyring: Source | None = key(
        Table(Source),
        "Where secrets come from, if not from the keyring, and how the host has them.",
        default=None,
    )
    mysql: Mysql | None = key(
        Table(Mysql),
        "A MySQL server (on Debian MariaDB) with a database for the app; {} is enough.",
        default=None,
        guides=("ubuntu",),
    )
    postgres: Unsettled | None = key(
        Table(Unsettled), "The PostgreSQL server.", default=None, later=True, guides=("docker",)
    )
    ddns: Unsettled | None = key(
        Table(Unsettled), "Dynamic DNS.", default=None, later=True, guides=("raspberry-pi",)
    )
    network: Unsettled | None = key(
        Table(Unsettled), "A static address.", default=None, later=True, guides=("raspberry-pi",)
    )


@table
class Top:
    """The whole file."""

    default: str | None = key(
        names.CHOICE,
        "The hosts that are meant without -H; not needed when there is one.",
        default=None,
    )
    groups: dict[str, tuple[str, ...]] = key(
        MapOf(names.HOST_NAME, ListOf(names.HOST_NAME)), "Names for several hosts.", default={}
    )
    apps: dict[str, AppTable] = key(MapOf(names.APP_NAME, Table(AppTable)), "The apps.", default={})
    hosts: dict[str, HostTable] = key(
        MapOf(names.HOST_NAME, Table(HostTable)), "The hosts.", default={}
    )
