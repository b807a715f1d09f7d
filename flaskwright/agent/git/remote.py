"""A git repository elsewhere, by its URL: what it has, and what goes wrong on the way to it."""

from __future__ import annotations

import difflib
import re

from ..common import text
from ..engine.errors import Failed
from .login import Login

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.output import Output
    from .commits import Commits


BRANCHES, TAGS = "refs/heads/", "refs/tags/"
# Git's protocol 2 takes a round to the server more; only it gives a commit that no name stands for.
BY_NAME = ("-c", "protocol.version=0")
EVERYTHING = ("+refs/heads/*:refs/origin/heads/*", "+refs/tags/*:refs/origin/tags/*")
ID = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})$")
MOST = 1_000_000  # names that a server may have
PROGRESS = re.compile(r"\b\d+% \(")
SECRET = re.compile(r"//[^/@\s]+@")  # the login in a URL

# What git, curl and ssh say (LC_ALL=C.UTF-8), what it means, and what helps.
TROUBLES = (
    (
        "dubious ownership",
        "belongs to another user of the host",
        "on the host: sudo git config --system --add safe.directory PATH",
    ),
    (
        "IDENTIFICATION HAS CHANGED",
        "is not asked: its server shows another key than the one that is trusted",
        "ask whoever runs the server; then ssh-keygen -R SERVER, and log in there once",
    ),
    (
        "Host key verification failed",
        "is not asked: neither you nor root on the host knows the key of its server",
        "log in there once from your own machine: ssh -T git@SERVER; what you trust, the host does",
    ),
    (
        r"could not read (Username|Password)|Authentication failed|Permission denied|"
        r"terminal prompts disabled|error: 40[13]|Invalid username",
        "wants a login",
        "",
    ),
    (
        r"transport .* not allowed|pathname .* blocked",
        "is not what git may follow on the host",
        "name an https or ssh URL as `repo`",
    ),
    (
        r"not found|does not exist|not exported|not (appear to be )?a git repository",
        "does not exist",
        "check `repo` in hosts.toml",
    ),
    (
        r"unable to access|[Cc]ould not (resolve|connect)|name resolution|timed out|refused|"
        r"No route to host|unreachable|unable to connect|Connection (closed|reset)",
        "cannot be reached from the host",
        "check the URL, and the host's network and DNS",
    ),
    (
        r"unexpected disconnect|hung up unexpectedly|early EOF|RPC failed|bad pack header",
        "broke off before all of the commit was here",
        "run the same command again; if it stays so, check the host's network",
    ),
)


class Remote:
    """The repository at `url`, seen from the bare repository `here`."""

    def __init__(self, url: str, here: Commits) -> None:
        self.url = url
        self.here = here
        self.login = Login(url, here)
        self.names: dict[str, str] = {}  # commits by full name, once it was asked

    @property
    def shown(self) -> str:
        """The URL without the login in it."""
        return without_login(self.url)

    def ask(self) -> None:
        """Ask, once, for the commit of HEAD and of each branch and tag; raises Failed."""
        if not self.names:
            patterns = ("HEAD", BRANCHES + "*", TAGS + "*")
            output = self.login.git(*BY_NAME, "ls-remote", "--", self.url, *patterns)
            if output.status != 0:
                raise self._trouble(output)
            pairs = (line.partition("\t") for line in text.lines(output.out, most=MOST))
            self.names = {name: commit for commit, _, name in pairs if ID.match(commit) and name}

    def full_name(self, ref: str) -> str:
        """Give the full name that `ref` stands for, as git reads it; empty where there is none."""
        ref = ref or "HEAD"
        forms = (ref, "refs/" + ref, TAGS + ref, BRANCHES + ref)
        return next((name for name in forms if name in self.names), "")

    def commit(self, name: str) -> str:
        """Give the commit of a full name, through an annotated tag too."""
        return self.names.get(name + "^{}") or self.names[name]

    def fetch(self, name: str) -> str:
        """Fetch one branch, tag or full id without its history, and give the commit.

        Empty where the server does not give it that way.
        """
        arguments = ("--no-tags", "--depth=1", "--", self.url, name)
        output = self._fetch(*arguments, settings=BY_NAME if name in self.names else ())
        return self.here.resolve("FETCH_HEAD") if output.status == 0 else ""

    def fetch_everything(self) -> None:
        """Fetch every branch and tag with their history."""
        shallow = self.here.git("rev-parse", "--is-shallow-repository").out.strip() == "true"
        history = ("--unshallow",) if shallow else ()
        output = self._fetch("--force", *history, "--", self.url, *EVERYTHING)
        if output.status != 0:
            raise self._trouble(output)

    def missing(self, ref: str) -> Failed:
        """Say that `ref` is not there, and what comes close to it."""
        if not self.names:
            return Failed("%s is empty" % self.shown, next="push a commit to it")
        short = {name.split("/", 2)[-1] for name in self.names if not name.endswith("^{}")}
        close = difflib.get_close_matches(ref, sorted(short)) or sorted(short)[:5]
        what = "%s has no branch, tag or commit %s" % (self.shown, ref or "HEAD")
        return Failed(what, next="there are: " + ", ".join(close))

    def _fetch(self, *arguments: str, settings: tuple[str, ...] = ()) -> Output:
        options = ("--progress", "--no-recurse-submodules", "--no-write-commit-graph")
        return self.login.git(*settings, "fetch", *options, *arguments, progress=True)

    def _trouble(self, output: Output) -> Failed:
        lines = [without_login(line) for line in output.tail() if not PROGRESS.search(line)]
        for pattern, meaning, helps in TROUBLES:
            if re.search(pattern, output.err):
                refused = "refuses the token in your keyring" if self.login.token else meaning
                what = "%s %s" % (self.shown, meaning if helps else refused)
                return Failed(what, log=lines, next=helps or self.login.advice())
        return Failed("git could not read %s" % self.shown, log=lines)


def without_login(line: str) -> str:
    """Give a text with the logins of its URLs blotted out."""
    return SECRET.sub("//…@", line)
