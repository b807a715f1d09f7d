"""git on a repository of this machine, by a configuration of our own and by nobody else's.

A repository is a stranger: its configuration can name programs (fsmonitor, filters, hooks, an ssh
command, a remote to fetch missing objects from) that git would run here for a mere `status`. So git
is shown a view: a directory of ours with our configuration, whose objects, references and index are
links to the repository's. Of what the repository and the operator have configured, a few words are
taken over that say how files are to be compared, and that no program is behind.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from flaskwright.agent.common.text import lines

from .. import git_program
from ..config.code import git_directory
from ..errors import FlaskwrightError, UsageError
from ..git_program import Done

LINKED = re.compile(r"objects|refs|packed-refs|reftable|shallow|logs|(ORIG|FETCH)_HEAD")
LINKED_FROM_WORK_TREE = re.compile(r"index|sharedindex\.[0-9a-f]+")
FILE_MODES = ("core.filemode", "core.symlinks", "core.ignorecase", "core.precomposeunicode")
ENDS_OF_LINES = ("core.autocrlf", "core.eol")
TAKEN_OVER = {*FILE_MODES, *ENDS_OF_LINES, "core.excludesfile", "core.trustctime"}
FORMAT = {"core.repositoryformatversion", "extensions.objectformat", "extensions.refstorage"}


class View:
    """A repository as it is shown to git: `git` runs it there. top: of its work tree, or bare."""

    def __init__(self, top: Path, directory: Path, *, bare: bool) -> None:
        self.top = top
        self.bare = bare
        self._directory = directory

    def git(self, *arguments: str, given: bytes = b"", check: bool = True) -> Done:
        """Run git; raises FlaskwrightError, with `check` also for an exit status but 0."""
        tree = () if self.bare else (f"--work-tree={self.top}",)
        done = git_program.run(self.top, (f"--git-dir={self._directory}", *tree, *arguments), given)
        if check and done.returncode:
            raise FlaskwrightError(
                f"git {arguments[0]} failed in {self.top}", why=_last_line(done.stderr)
            )
        return done


@contextmanager
def viewed(top: Path) -> Iterator[View]:
    """Give a view of the repository that has its top at `top`; raises UsageError where none is."""
    inside = git_directory(top)
    if inside is None:
        raise _no_repository(top)
    with tempfile.TemporaryDirectory(prefix="flaskwright-git-") as place:
        view, common = Path(place), _common(inside)
        _link(common, LINKED, view)
        _link(inside, LINKED_FROM_WORK_TREE, view)
        (view / "HEAD").write_bytes((inside / "HEAD").read_bytes())
        _link_excluded(common, view)
        bare = inside == top.resolve()
        (view / "config").write_text(_configuration(top, common, bare=bare))
        yield View(top, view, bare=bare)


def _common(inside: Path) -> Path:
    """Return the directory that all work trees of the repository share."""
    try:
        return (inside / (inside / "commondir").read_text().strip()).resolve()
    except OSError:
        return inside


def _link(source: Path, names: re.Pattern[str], view: Path) -> None:
    for each in source.iterdir():
        if names.fullmatch(each.name):
            (view / each.name).symlink_to(each)


def _link_excluded(common: Path, view: Path) -> None:
    (view / "info").mkdir()
    if (common / "info" / "exclude").is_file():
        (view / "info" / "exclude").symlink_to(common / "info" / "exclude")


@cache
def _configuration(top: Path, common: Path, *, bare: bool) -> str:
    """Return our configuration, with the words that are taken over."""
    listed = git_program.run(top, (f"--git-dir={common}", "config", "--list", "-z"), own=True)
    lines = {"core.bare": str(bare).lower()}
    for entry in listed.stdout.decode("utf-8", "surrogateescape").split("\0"):
        name, _, value = entry.partition("\n")
        if name in TAKEN_OVER | FORMAT:
            lines[name] = value
    return "".join(map(_line, lines.items()))


def _line(entry: tuple[str, str]) -> str:
    section, _, name = entry[0].partition(".")
    escaped = re.sub(r'[\\"]', r"\\\g<0>", entry[1].replace("\n", "\\n"))
    return f'[{section}]\n\t{name} = "{escaped}"\n'


def _no_repository(top: Path) -> UsageError:
    above = next(filter(git_directory, top.parents), None)
    if above:
        return UsageError(
            f"{top} is not the top of its repository",
            next=f'name the top as `repo`, and write `directory = "{top.relative_to(above)}"`',
        )
    return UsageError(
        f"{top} is not a git repository",
        next="git init there and commit, or give the repository's URL as `repo`",
    )


def _last_line(stderr: bytes) -> str:
    return (lines(stderr.strip()) or [""])[-1]
