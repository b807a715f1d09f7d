"""What cannot be read of a command line, answered with what comes closest to it."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ..config.did_you_mean import did_you_mean
from ..config.problems import shown
from ..errors import FlaskwrightError, UsageError

if TYPE_CHECKING:
    from invoke import Argument, ParserContext

Contexts = Mapping[str, "ParserContext"]

# Words of other tools, and of people: the task that is meant, or what to type instead.
TASKS = {
    **dict.fromkeys(("up", "publish", "push", "release", "ship", "install", "update"), "deploy"),
    **dict.fromkeys(("undo", "revert", "back"), "rollback"),
    **dict.fromkeys(("exec", "cmd", "command", "manage"), "run"),
    **dict.fromkeys(("ssh", "bash", "sh", "console", "login"), "shell"),
    **dict.fromkeys(("tail", "log", "journal"), "logs"),
    **dict.fromkeys(("ps", "info", "details"), "status"),
    **dict.fromkeys(("restart", "hup"), "reload"),
    **dict.fromkeys(("plan", "diff", "check-config"), "deploy --dry-run"),
    **dict.fromkeys(("history", "versions"), "releases"),
    **dict.fromkeys(("list", "ls", "tasks"), "--list"),
    **dict.fromkeys(("help", "usage", "man"), "--help"),
    **dict.fromkeys(("version",), "--version"),
    **dict.fromkeys(("trust", "known-hosts"), "hosts.trust"),
    **dict.fromkeys(("backup",), "backups.list"),
    **dict.fromkeys(("restore",), "backups.restore"),
    **dict.fromkeys(("secrets.add", "secrets.edit", "secrets.new", "secrets.put"), "secrets.set"),
    **dict.fromkeys(("secrets.rm", "secrets.delete", "secrets.unset"), "secrets.remove"),
}
OPTIONS = {
    **dict.fromkeys(("branch", "tag", "commit", "rev", "revision", "sha"), "--ref"),
    **dict.fromkeys(("check", "diff", "noop", "plan", "pretend", "simulate", "n"), "--dry-run"),
    **dict.fromkeys(("host", "hosts", "target", "limit", "server"), "--hosts"),
    **dict.fromkeys(("key", "identity-file", "private-key"), "--identity"),
    **dict.fromkeys(("tail", "number", "count"), "--lines"),
    **dict.fromkeys(("release", "version", "id"), "--to"),
    **dict.fromkeys(("assume-yes", "force", "y"), "--yes"),
}
LATER = re.compile(
    r"(init|doctor|processes|timers|get|put|rehearse|teardown|hosts\.reboot|notify\.test)$|"
    r"(timers|notify|postgres|ddns|network|redis|waitress|caddy|nest|uwsgi|supervisor|uberspace|"
    r"docker|swarm)\b"
)
_UNKNOWN = re.compile(r"No idea what (.*) is!", re.DOTALL)


def refusal(
    error: Exception, context: ParserContext | None, tasks: Contexts, core: ParserContext
) -> UsageError:
    """Return the error for what the parser has complained about, in the context of a task.

    tasks: what each task takes, by name. core: what goes before the tasks.
    """
    unknown = _UNKNOWN.match(str(error))
    if unknown:
        word = eaten(context) or ast.literal_eval(unknown[1])
        if word.startswith("-"):
            return option(word, context, tasks, core)
        return task(word, context, tasks)
    if context is not None and context.missing_positional_args:
        return missing(context)
    found = re.match(r"Flag <Argument: ([\w-]+)", str(error))
    if found:
        flag = f"-{found[1]}" if len(found[1]) == 1 else f"--{found[1]}"
        return UsageError(f"{flag} is given no value", next=_help(context))
    return UsageError(f"the command line cannot be read: {error}", next=_help(context))


def task(word: str, context: ParserContext | None, tasks: Contexts) -> UsageError:
    """Return the error for a word that is no task, though one should be there."""
    tidy = word.replace("_", "-").replace(":", ".").lower()
    parts = {name.partition(".")[0] for name in tasks if "." in name}
    host = _host(word)
    if host:
        return _of_host(word, host, context)
    if tidy in parts:
        return UsageError(f"{word} is a part, not a task", next=f"./fab --list {tidy}")
    if LATER.match(tidy) and tidy not in tasks:
        return UsageError(
            f"{word}: not yet in this version", next="./fab, which lists what there is"
        )
    near = tidy if tidy in tasks else _meant(tidy, tasks)
    if near:
        return UsageError(f'no task "{word}"; did you mean "{near}"?', next=f"./fab {near}")
    if context is not None and context.name:
        return _one_word_more(word, context)
    close = did_you_mean(tidy, tasks)
    return UsageError(f'no task "{shown(word)[1:-1]}"{close}', next="./fab, which lists them")


def option(
    word: str, context: ParserContext | None, tasks: Contexts, core: ParserContext
) -> UsageError:
    """Return the error for an option that is none, here or anywhere."""
    known = _flags(context) if context is not None and context.name else []
    name = context.name if context is not None and context.name else ""
    spelled = word.lstrip("-").lower().replace("_", "-")
    known_here = [*known, *core.flags]
    near = f"--{spelled}" if f"--{spelled}" in known_here else OPTIONS.get(spelled, "")
    near = near if near in known_here else _close(f"--{spelled}", known_here)
    of_tasks = [flag for takes in tasks.values() for flag in takes.flags]
    meant = word if word in of_tasks else _close(f"--{spelled}", of_tasks)
    if meant and not name:
        return UsageError(
            f"{word} stands before any task, and there is no such option there",
            next=f"behind the task that it is for: ./fab deploy {meant}",
        )
    if near:
        return UsageError(
            f'{_of(name)} no option {word}; did you mean "{near}"?', next=_help(context)
        )
    return UsageError(f"{_of(name)} no option {word}", next=_help(context))


def number(words: list[str], core: ParserContext) -> UsageError:
    """Return the error for an option whose value should be a number."""
    for flag, value in itertools.pairwise(words):
        takes = core.flags.get(flag)
        if takes is not None and takes.kind is int and not value.isdecimal():
            return UsageError(
                f"{flag} {shown(value)[1:-1]}: should be a whole number", next=_help(None)
            )
    return UsageError("an option's value should be a whole number", next=_help(None))


def missing(context: ParserContext) -> UsageError:
    """Return the error for a task that was given too few words."""
    names = [_upper(each) for each in context.missing_positional_args]
    every = " ".join(_upper(each) for each in context.positional_args)
    return UsageError(
        f"{context.name} wants {' and '.join(names)}", next=f"./fab {context.name} {every}"
    )


def _of_host(word: str, kind: str, context: ParserContext | None) -> UsageError:
    """Return the error for a host, or a group, where a task or its word should be."""
    if context is not None and context.name:
        return UsageError(
            f"{context.name} takes no further word; {word} is a {kind}",
            next=f"./fab -H {word} {context.name}",
        )
    return UsageError(f'no task "{word}": it is a {kind}', next=f"./fab -H {word} TASK")


def _one_word_more(word: str, context: ParserContext) -> UsageError:
    """Return the error for `deploy feature-x`, with the option that takes such a word."""
    if context.name == "run":
        return UsageError(
            "run takes one command, in quotes", next=f"./fab run {_quoted(context, word)}"
        )
    takes = [flag for flag in ("--ref", "--to") if flag in context.flags]
    return UsageError(
        f'{context.name} takes no further word, and no task is called "{word}"',
        next=f"./fab {context.name} {takes[0]} {word}" if takes else _help(context),
    )


def _quoted(context: ParserContext, word: str) -> str:
    first = next((str(each.value) for each in context.positional_args), "")
    return f'"{first} {word} …"'


def eaten(context: ParserContext | None) -> str:
    """Return an option that was taken for one of the words that a task wants."""
    given = [str(each.raw_value) for each in context.positional_args] if context else []
    return next((word for word in given if word.startswith("-")), "")


def _meant(word: str, tasks: Contexts) -> str:
    """Return the task that somebody means: by another tool's word, by its end, or nearly so."""
    if word in TASKS:
        return TASKS[word]
    ends = {name.rpartition(".")[2]: name for name in reversed(list(tasks))}
    if word in ends:
        return ends[word]
    return _close(word, tasks) or ends.get(_close(word, ends), "")


def _close(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.7)), "")


def _flags(context: ParserContext) -> list[str]:
    return [*context.flags, *context.inverse_flags]


def _of(name: str) -> str:
    return f"{name} has" if name else "there is"


def _upper(argument: Argument) -> str:
    return str(argument.name).upper().replace("-", "_")


def _help(context: ParserContext | None) -> str:
    name = context.name if context is not None and context.name else ""
    return f"./fab {name} --help lists its options" if name else "./fab --help lists the options"


def _host(word: str) -> str:
    """Return what hosts.toml has under that name: `host`, `group`, or nothing."""
    from ..config import hosts_toml

    try:
        _, top = hosts_toml.opened()
    except FlaskwrightError:
        return ""
    return "host" if word in top.hosts else "group" if word in top.groups else ""
