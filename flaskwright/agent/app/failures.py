"""Why an app does not come up, or does not answer, and what cures it."""

from __future__ import annotations

import re

from . import failure_causes as causes
from . import paths_to_share
from .advice import SHOWN, Rule, Told, shortened, told
from .tracebacks import NOISE, exception_in, from_the_app, in_release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .advice import Facts


USUAL = "correct it (or `wsgi`, `health` in hosts.toml), commit, and deploy again"
SAID, WHY, NEXT = "%(line)s", "%(why)s", "%(next)s"
PATH = r"(?P<path>[^'\"]+)"
EMPTY = ("Job for ", "reload refused")  # words that say nothing of the cause
KEPT_OUT = "the sandbox of an app lets it have no memory that it both writes and executes"
JIT = "permissions = { jit = true } in hosts.toml, then deploy again"
PINS = (
    '%(needed)spermissions = { devices = ["/dev/gpiochip0", "/dev/gpiomem"], groups = ["gpio"] } '
    'and env = { LG_WD = "{shared}" } in hosts.toml, then deploy again'
)

# The first that fits is taken: what gunicorn loads, modules, places, the environment, the rest.
RULES = (
    Rule(
        r"Failed to find attribute '(?P<name>\w+)' in",
        "`wsgi` in hosts.toml leads to something that is not there",
        NEXT,
        "%(said)s",
        causes.attribute,
    ),
    Rule(
        r"Application object must be callable",
        "what `wsgi` in hosts.toml names is no app",
        NEXT,
        SAID,
        causes.names_no_app,
    ),
    Rule(
        r"(?<!\w)(?P<name>\w+)\(\) missing \d+ required positional argument",
        "the factory in `wsgi` is called without arguments",
        "give them defaults; or commit a wsgi.py that says app = %(name)s(…), and "
        'wsgi = "wsgi:app" in hosts.toml',
        SAID,
        causes.of_the_factory,
    ),
    Rule(
        r"No module named '?gunicorn\.__main__",
        "gunicorn can be started as a module from 20.1 on",
        "require gunicorn>=20.1, commit, and deploy again",
    ),
    Rule(
        r"\* Serving Flask app|This is a development server|\* Running on http|"
        r"^Port \d+ is in use by another program",
        "that starts a server of its own, and gunicorn waits for the app in vain",
        'put it below `if __name__ == "__main__":`, commit, and deploy again',
        "%(said)s",
        causes.own_server,
    ),
    Rule(
        r"start operation timed out",
        "what the app does when it is imported does not end in two minutes",
        "do such work when it is asked for, or in `migrate`; commit, and deploy again",
    ),
    Rule(r"No module named '?(?P<name>[\w.]+)'?", WHY, NEXT, SAID, causes.module),
    Rule(
        r"(?<![\w.+-])(?P<missing>[\w.+-]+\.so[\w.]*): cannot open shared object|"
        r"failed to find (?P<missing2>lib\w+)|Unable to find (?P<missing4>zbar)|"
        r"cannot load library '(?P<missing3>[\w./+-]+)'",
        "a library that it loads is not on the host",
        NEXT,
        SAID,
        causes.library,
    ),
    Rule(
        r"cannot import name '(?P<name>\w+)'|has no attribute '(?P<name2>\w+)'",
        WHY,
        NEXT,
        SAID,
        causes.removed,
    ),
    Rule(
        r"compiled using NumPy 1\.x cannot be run|numpy\.\w+ size changed|_ARRAY_API not found",
        "something is built for another NumPy than the one that was installed",
        "require numpy<2, or newer versions of what uses it, commit, and deploy again",
    ),
    Rule(
        r"Install Flask with the 'async' extra",
        "it has views that are async",
        "require flask[async] in place of flask, commit, and deploy again",
    ),
    Rule(
        r"most likely due to a circular import",
        "two of its modules import each other, and one is not whole yet",
        "import the one where it is used, within a function; commit, and deploy again",
    ),
    Rule(
        r"cannot allocate executable memory|Unable to allocate section memory|"
        r"write\+execute memory|cannot enable executable stack",
        KEPT_OUT + ", and a package that makes code as it runs asks for that",
        JIT,
    ),
    Rule(
        r"PermissionError: \[Errno 1(\] |3\] Permission denied$)|^\s*MemoryError",
        KEPT_OUT,
        JIT,
        SAID,
        causes.with_executed_memory,
    ),
    Rule(
        r"(Read-only file system|\[Errno 13\] Permission denied): '(?P<path>(?!/dev/)[^']+)'",
        WHY,
        NEXT,
        SAID,
        paths_to_share.written,
    ),
    Rule(
        r"unable to open database file|attempt to write a readonly database",
        WHY,
        NEXT,
        SAID,
        paths_to_share.database,
    ),
    Rule(
        r"KeyError: '(?P<name>[A-Z][A-Z0-9_]+)'|Error: (?P<name2>[A-Z][A-Z0-9_]+) not found\.|"
        r"nvironment variable \"?(?P<name3>[A-Z][A-Z0-9_]+)\"? (is )?not set",
        WHY,
        NEXT,
        SAID,
        causes.variable,
    ),
    Rule(
        r"Either 'SQLALCHEMY_DATABASE_URI' or|Neither SQLALCHEMY_DATABASE_URI nor",
        WHY,
        NEXT,
        SAID,
        causes.database_url,
    ),
    Rule(r"no secret key was set", WHY, NEXT, SAID, causes.sets("SECRET_KEY")),
    Rule(r"TypeError: .{0,200}NoneType", WHY, NEXT, SAID, causes.none_for_a_variable),
    Rule(
        r"(No such file or directory|Permission denied): '/proc/\d[^']*'",
        "an app sees no other user's processes",
        "have it look at its own, commit, and deploy again",
    ),
    Rule(
        r"(No such file or directory|Permission denied|not permitted): "
        r"'(?P<path>/dev/[\w@+:./-]+)'",
        WHY,
        NEXT,
        SAID,
        paths_to_share.device,
    ),
    Rule(
        r"Unable to load any default pin factory|can not open gpiochip|No access to /dev/mem|"
        r"Cannot determine SOC peripheral base",
        paths_to_share.NAMED + ", its pins among them",
        PINS,
        SAID,
        paths_to_share.pins,
    ),
    Rule(
        r"PermissionError: \[Errno 13\] Permission denied$",
        "an app may open no port below 1024, and needs none: nginx brings its visitors",
        "have it open none when it is imported, commit, and deploy again",
    ),
    Rule(
        r"FileNotFoundError.{0,200}: '[A-Za-z]:[\\/]",
        "that is a path of a Windows machine",
        "build it from app.root_path, with os.path.join, commit, and deploy again",
    ),
    Rule(r"TemplateNotFound: (?P<path>[\w./-]+)", WHY, NEXT, SAID, paths_to_share.template),
    Rule(r"FileNotFoundError: \[Errno 2\][^:]*: '" + PATH, WHY, NEXT, SAID, paths_to_share.read),
    Rule(
        r"no such table|relation \"\w+\" does not exist|Table '[\w.]+' doesn't exist",
        "the database has no such table yet",
        'name what makes its tables: migrate = "flask db upgrade" in hosts.toml, or a command of '
        "your own",
    ),
    Rule(
        r"could not translate host name|in name resolution|Name or service not known",
        "the host knows no machine of that name; a service of Compose is none",
        "name the machine where it is; one on this host is localhost",
    ),
    Rule(
        r"Connection refused",
        "nothing listens there",
        "start that server on the host, or correct where the app looks for it: `env` in hosts.toml",
    ),
    Rule(
        r"Address already in use",
        "it opens a port of its own, and another program has that one",
        "have it open none when it is imported, commit, and deploy again",
    ),
    Rule(
        r"Perhaps out of memory|OOM killer|result 'oom-kill'|^\s*MemoryError",
        "the host has too little memory for the app",
        "workers = 1 in hosts.toml, a larger `memory` there if it says one, or a larger host",
    ),
    Rule(r"^(?P<path>\S+)( leads to .*)? answers (?P<status>\d+)$", WHY, NEXT, SAID, causes.answer),
    Rule(
        r"^\S+ leads to .*(again|on and on)$",
        "a browser would go round in circles",
        "correct it, commit, and deploy again; an app that wants HTTPS learns from "
        "X-Forwarded-Proto that it has it: ProxyFix(app.wsgi_app, x_proto=1, x_host=1)",
    ),
    Rule(
        r"gives no answer: timed out$",
        "that page takes longer than a deploy waits for it",
        'health = "/A-PAGE-THAT-IS-QUICK" in hosts.toml, then deploy again',
    ),
)
ENDED = re.compile(r"\[ERROR\] Worker \(pid:\d+\) (exited with code \d+|was sent SIG\w+)")


def explained(lines: Sequence[str], facts: Facts, complaint: str = "") -> Told:
    """Give what an app's lines tell, its own words first, the deciding one among those shown.

    complaint: what is wrong with its answer; what systemd says of its start tells nobody anything.
    """
    release = facts.place[: -len("/code")]
    own = from_the_app([line for line in lines if not NOISE.search(line)], release)
    log, trouble = in_release(own, release), complaint
    complaint = "" if trouble.startswith(EMPTY) else trouble
    exception = exception_in(log)
    ended = [line for line in lines if ENDED.search(line)]  # why there was no answer at all
    asked = ([complaint], ended) if complaint and not exception else (own, lines)
    found = next(filter(None, (told(RULES, each, facts) for each in asked)), None)
    if not found:
        said = exception or complaint or (log or [_ending(lines)])[-1]
        return Told(shortened(said), "", USUAL, log or lines[-SHOWN:] or [trouble], said)
    (line,) = in_release([found.line], release)
    if line not in (complaint, *log):
        log = in_release(found.log, release)
    return Told(found.said, found.why, found.next, log, line)


def _ending(lines: Sequence[str]) -> str:
    """Say how an app has ended that has said nothing."""
    found = ENDED.search("\n".join(lines))
    how = ": %s" % found.group(1) if found else ""
    return "the app ended while it was started, without a word" + how
