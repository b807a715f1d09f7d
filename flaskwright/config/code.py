"""Where the code is and how it is started: repository, revision, WSGI callable, commands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from ..errors import UsageError
from .env import PLACEHOLDERS, unknown
from .names import LABEL
from .paths import UNPRINTABLE, unprintable
from .values import Text, when

SCHEMES = ("https", "http", "ssh", "git", "file")


LOGIN = "[A-Za-z0-9][A-Za-z0-9._-]*"


HOST = rf"(?:{LABEL}(?:\.{LABEL})*|\[[0-9A-Fa-f:.]+\])(?::\d{{1,5}})?"


URL = rf"(?:https?|git)://{HOST}/[^\s?#]+|ssh://(?:{LOGIN}@)?{HOST}/[^\s?#]+|file:///[^\s?#]+"


SCP = rf"(?:{LOGIN}@)?{LOGIN}:(?!//)[^\s-]\S*"


LOCAL = r"[^:/\x00-\x1f\x7f]+(?:/[^\x00-\x1f\x7f]*)?|/[^\x00-\x1f\x7f]*"


SHELL = ("&&", "||", "|", ";", "&", ">", ">>", "<")


NAME = "[A-Za-z_][A-Za-z0-9_]*"


def is_local(repo: str) -> bool:
    """Whether git takes `repo` for a path: no colon before the first slash."""
    return ":" not in repo.partition("/")[0]


def _unknown_scheme(repo: str) -> str | None:
    scheme = re.match("([A-Za-z][A-Za-z0-9+.-]*)://", repo)
    if scheme is None or scheme[1] in SCHEMES:
        return None
    return f"should be a URL with one of {', '.join(SCHEMES)}, not {scheme[1]}"


def _no_words(command: str) -> str | None:
    """Refuse what is no program with its arguments, as shlex splits them."""
    try:
        words = shlex.split(command)
    except ValueError:
        return "has a quote or a backslash without what it is for"
    for word in words:
        if word in SHELL:
            return f'is not run by a shell, which "{word}" is for; write sh -c "…"'
    return None if words and words[0] else "names no program"


REPO = Text(
    "a URL, user@host:path, or a path beside hosts.toml",
    f"{URL}|{SCP}|{LOCAL}",
    unprintable,
    when("^-", 'may not begin with "-": git would take it for an option'),
    when("^[A-Za-z0-9]+::", "names a remote helper, which is a program that git would run"),
    when(
        "^https?://[^/]*@|^[a-z]+://[^/@]*:[^/@]*@|^[^/@:]*:[^/@]*@",
        "holds a login, which git would keep in a file on the host; leave it out "
        "(a key, or a token from the keyring, opens a private repository)",
    ),
    _unknown_scheme,
    quoted=False,
)


REF = Text(
    "a branch, a tag or a commit",
    r"[^\x00-\x20\x7f:?*\[\\^+-][^\x00-\x20\x7f:?*\[\\]*",
    when(r"[\x00-\x20\x7f]", "may not hold spaces or control characters"),
    unprintable,
    when("^-", 'may not begin with "-": git would take it for an option'),
    when(r"\.\.", 'may not hold "..": one commit is wanted, no range'),
)


WSGI = Text('"module:callable" or "module:factory()"', rf"{NAME}(?:\.{NAME})*:{NAME}(?:\(\))?")


COMMAND = Text(
    "a command", r"[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*", unprintable, _no_words
)


FILLED = Text(COMMAND.words, COMMAND.pattern, *COMMAND.refusals, unknown(*PLACEHOLDERS))


ASKED = ("host", "app", "service", "username")


ASKING = Text(COMMAND.words, COMMAND.pattern, *COMMAND.refusals, unknown(*ASKED))


HTTPS = Text("an https URL", rf"https://{HOST}/\S*", when(r"[^\x21-\x7e]", UNPRINTABLE))


SIZE = Text('a size such as "512M" or "2G"', "[1-9][0-9]{0,4}[MG]")


WORKER_CLASS = Text(
    '"gthread", "sync", "gevent", "eventlet", or a class of a library as "module.Class"',
    rf"gthread|sync|gevent|eventlet|{NAME}(?:\.{NAME})+",
)


def must_be_at(local: Path, file: str, app: str) -> None:
    """Raise UsageError when an app's repository is not at `local`, as `file` says."""
    if git_directory(local):
        return
    where = f"{file}: apps.{app}.repo"
    if not local.is_dir():
        raise UsageError(f"{where}: there is no directory {local}")
    top = next(filter(git_directory, local.parents), None)
    raise UsageError(
        f"{where}: {local} is not a git repository",
        why=f"It is inside of one, {top}." if top else "",
        next=f'name the repository, and directory = "{local.relative_to(top)}"'
        if top
        else f"git init {local}, and commit the app",
    )


def git_directory(path: Path) -> Path | None:
    """Return where git keeps the repository that has its top at `path`, or is bare there.

    The `.git` of a linked work tree or of a submodule is a file that says where. None: no
    repository.
    """
    inside = path / ".git"
    try:
        if inside.is_file():
            word, _, named = inside.read_text().strip().partition(": ")
            inside = path / named if word == "gitdir" and named else inside
    except (OSError, ValueError):
        return None
    if inside.is_dir():
        return inside.resolve()
    return path.resolve() if _is_bare(path) else None


def _is_bare(path: Path) -> bool:
    return (path / "HEAD").is_file() and (path / "objects").is_dir()
