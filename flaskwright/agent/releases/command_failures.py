"""Why a command of an app, such as its migration, has failed, and what cures it."""

from __future__ import annotations

import re

from ..app import failures
from ..app.advice import SHOWN, Rule, Told, shortened, told
from ..app.tracebacks import EXCEPTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..app.advice import Facts, Words


NOT_THERE = re.compile(r"^(?P<name>.+): there is no such command: nothing ran$")
USUAL = "correct it, commit, and deploy again"
SAID, NEXT = "%(line)s", "%(next)s"
OLDER = "the database is ahead of this commit: a newer one has migrated it"


def _command(words: Words, facts: Facts, text: str) -> Words:
    """Say what brings a command that is not there."""
    name = words["name"]
    known = {
        "flask": "add flask to the requirements, commit, and deploy again",
        "alembic": "add alembic to the requirements, commit, and deploy again",
        "npm": "on the host: sudo apt-get install npm",
        "node": "on the host: sudo apt-get install nodejs",
        "cd": 'no shell runs it: commit a script, and name it, such as "sh migrate.sh"',
    }
    other = "correct its name in hosts.toml, or add what brings it to the requirements"
    return {"next": known.get(name, other)}


def _shell(words: Words, facts: Facts, text: str) -> Words | None:
    """Apply where the command was written for a shell."""
    return {} if {"&&", "||", "|", ";", ">"} & set(facts.command) else None


# Before what an app itself may say, and after it.
RULES = (
    Rule(
        NOT_THERE.pattern,
        "it is neither in the app's environment nor on the host",
        NEXT,
        SAID,
        _command,
    ),
    Rule(
        r"[Uu]nexpected extra argument|unrecognized arguments|No such (command|option)|[Ee]rror: ",
        "no shell runs the command, so that `&&`, `;`, `|` and `>` are words like others",
        'commit a script with these lines, and name it, such as "sh migrate.sh"',
        SAID,
        _shell,
    ),
    Rule(
        r"Can't locate revision identified by '(?P<name>\w+)'",
        OLDER,
        "deploy a commit that has that migration; or go back to the data of then: ./fab "
        "backups.list, ./fab backups.restore --id ID",
    ),
    Rule(
        r"Path doesn't exist:? .{0,200}(migrations|alembic)|No 'script_location' key|"
        r"Directory migrations.{0,200} does not exist",
        "the commit has no migrations",
        "run `flask db init` and `flask db migrate` where you write the app, commit the "
        "directory migrations, and deploy again",
    ),
    Rule(
        r"Multiple head revisions are present",
        "the migrations have two ends, as two branches leave them",
        "run `flask db merge heads` where you write the app, commit, and deploy again",
    ),
    Rule(
        r"[Tt]able \W?\w+\W? already exists|relation \"\w+\" already exists",
        "the tables were made without a migration, as db.create_all() does",
        "mark the database as migrated once: ./fab run 'flask db stamp head', and take "
        "db.create_all() out of the app",
    ),
    Rule(
        r"Cannot add a NOT NULL column",
        "rows that are there would have nothing in that column",
        "give the column a server_default in the migration, commit, and deploy again",
    ),
    Rule(
        r"database is locked",
        "another process writes to the database for longer than this one waits",
        "deploy again; where it comes back, give sqlite3.connect a longer timeout",
    ),
)
LAST = (
    Rule(
        r"Could not locate a Flask application|Failed to find Flask application or factory",
        "flask does not find the app",
        'wsgi = "MODULE:CALLABLE" in hosts.toml, which flask is told of, too',
    ),
    Rule(
        r"can't open file '.{0,300}/(?P<name>[\w.-]+)': \[Errno 2\]",
        "the commit has no such file in the app's directory",
        "commit it, or correct the command in hosts.toml",
    ),
    Rule(
        r"No such command '(?P<name>db)'",
        "nothing gives flask that command: Flask-Migrate is not set up in the app",
        "add Flask-Migrate to the requirements and `Migrate(app, db)` to the app, commit, and "
        "deploy again",
    ),
    Rule(
        r"No such command '(?P<name>[\w-]+)'",
        "the app has no such command",
        "correct its name in hosts.toml; ./fab run 'flask --help' lists those of the live release",
    ),
)
WORD = re.compile(r"(\w+: )?([Ff]atal|[Ee]rror|ERROR)\b")
QUIET = re.compile(r"^INFO  \[|^(DEBUG|INFO)[: ]")


def explained(lines: Sequence[str], facts: Facts) -> Told:
    """Give what a command's lines tell, in its own words, the deciding line among others."""
    known = told(RULES, lines, facts)
    if known:
        return known
    answer = failures.explained(lines, facts)
    known = answer if answer.why else told(LAST, lines, facts)
    if known:
        return known
    spoken = [line for line in answer.log if not QUIET.match(line)] or lines[-SHOWN:]
    words = [line for line in spoken if EXCEPTION.match(line) or WORD.match(line)]
    said = shortened(words[-1]) if words else ""
    return Told(said, "", USUAL, spoken, words[-1] if words else "")


def never_ran(lines: Sequence[str]) -> bool:
    """Tell whether a command failed because its program is not there."""
    return len(lines) == 1 and bool(NOT_THERE.match(lines[0]))
