"""Commits in the app's bare repository on this host, read without checking them out."""

from __future__ import annotations

import glob
import os
import shutil

from ..common.text import decoded, one_line
from ..engine import refusal
from ..engine.command import PATH
from ..engine.errors import Failed, NotYet
from ..system import disk
from ..system.disk import remove_tree
from ..system.paths import make_directories
from . import command as git_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.output import Output
    from ..engine.run import Run


SUBJECT = 200  # characters of a commit's first line that are told
KEPT = "refs/flaskwright/"  # a ref for each commit that is here whole


class Commits:
    """The repository, which only root writes."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.path = run.place.repository

    def git(
        self,
        *arguments: str,
        input: bytes | None = None,
        env: dict[str, str] | None = None,
        check: bool = True,
    ) -> Output:
        """Run git on this repository; it talks to nobody, and hears no configuration but ours."""
        self._must_be_installed()
        argv, environment = git_command.argv(self.path, arguments), git_command.environment(None)
        output = self.run.command(
            argv, check=False, env=dict(environment, **(env or {})), input=input
        )
        if check and output.status != 0:
            verb = next(word for word in arguments if not word.startswith("-"))
            what = "git %s failed in %s" % (verb, self.path)
            raise refusal.explained(Failed(what, log=output.tail()))
        return output

    def talk(
        self,
        url: str,
        *arguments: str,
        env: dict[str, str],
        progress: bool,
        descriptors: tuple[int, ...],
    ) -> Output:
        """Run git where it talks to the server of `url`, whatever comes of it."""
        self._must_be_installed()
        return self.run.command(
            git_command.argv(self.path, arguments),
            check=False,
            progress=progress,
            env=dict(git_command.environment(url), **env),
            descriptors=descriptors,
            silence=self.run.silence,
            urls=[url],
        )

    def _must_be_installed(self) -> None:
        if self.run.checking and not shutil.which("git", path=PATH):
            raise NotYet("git is installed")

    def make(self) -> None:
        """Make the repository, readable by root alone; one that is there stays as it is.

        What a git that was killed has left in it goes: under our lock no other one is at work.
        """
        for pattern in ("**/*.lock", "objects/**/tmp_*"):
            for left in glob.glob(os.path.join(self.path, pattern), recursive=True):
                remove_tree(left)
        self.git("init", "--bare", "--quiet", "--template=", self.path)
        os.chmod(self.path, 0o700)

    def has(self, commit: str) -> bool:
        """Tell whether the commit is here with all its files."""
        return bool(self.resolve(KEPT + commit))

    def keep(self, commit: str) -> None:
        """Mark the commit as whole, after a look at each of its objects; raises Failed.

        Git makes sure neither of its references nor of single objects on the disk.
        """
        self.git("rev-list", "--objects", "--no-walk", "--quiet", commit)
        disk.sync_tree(self.path)
        reference = os.path.join(self.path, KEPT + commit)
        make_directories(os.path.dirname(reference))
        disk.write(reference, commit.encode() + b"\n")

    def kept(self) -> list[str]:
        """Give the newest commits that are here whole."""
        listing = ("for-each-ref", "--sort=-committerdate", "--count=20", "--format=%(objectname)")
        return self.git(*listing, KEPT).out.split()

    def all_kept(self) -> list[str]:
        """Give every commit that is here whole."""
        if not os.path.isdir(self.path):
            return []
        return self.git("for-each-ref", "--format=%(refname:lstrip=2)", KEPT).out.split()

    def forget(self, commit: str) -> None:
        """Let git remove the commit one day, and look now and then whether that day has come."""
        self.git("update-ref", "-d", KEPT + commit)
        self.git("gc", "--auto", "--quiet", check=False)

    def resolve(self, name: str) -> str:
        """Give the id of the commit that `name` stands for here; empty where there is none."""
        if not os.path.isdir(self.path):
            return ""
        verify = ("rev-parse", "--verify", "--quiet", name + "^{commit}")
        return self.git(*verify, check=False).out.strip()

    def text(self, commit: str, path: str) -> str | None:
        """Give the text of a file of the commit, links within it followed; None: no such file."""
        asked = ("%s:%s\n" % (commit, path)).encode()
        answer = self.git("cat-file", "--batch", "--follow-symlinks", input=asked).data
        head, _, rest = answer.partition(b"\n")
        return decoded(rest[:-1]) if head.split(b" ")[1:2] == [b"blob"] else None

    def subject(self, commit: str) -> str:
        """Give the first line of a commit's message; empty where it has none that can be read."""
        told = self.git("show", "--no-patch", "--format=%s", commit, check=False)
        return one_line(told.out.strip(), SUBJECT) if told.status == 0 else ""

    def check_out(self, commit: str, directory: str) -> None:
        """Write the files of the commit below `directory`, which is there and empty."""
        index = {"GIT_INDEX_FILE": directory + ".index"}
        try:
            self.git("--work-tree=" + directory, "read-tree", commit, env=index)
            self.git("--work-tree=" + directory, "checkout-index", "--all", "--quiet", env=index)
        finally:
            if os.path.exists(directory + ".index"):
                os.unlink(directory + ".index")
