"""Debian packages, and the lists that apt finds them in."""

from __future__ import annotations

import os
import re
import time

from ..engine.errors import Failed
from ..engine.handler import Act, Handler, handles
from ..engine.output import Output
from ..engine.watch import Silent
from . import dpkg, memory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..engine.handler import State
    from ..engine.run import Run


DAY = 86400.0  # seconds

LISTS = "/var/lib/apt/lists"

_QUIET = {
    "DEBIAN_FRONTEND": "noninteractive",
    "NEEDRESTART_MODE": "l",  # only list what should restart
    "APT_LISTCHANGES_FRONTEND": "none",
}

_OPTIONS = (
    "Dpkg::Options::=--force-confdef",
    "Dpkg::Options::=--force-confold",
    "Dpkg::Use-Pty=0",
    "DPkg::Lock::Timeout=60",  # between our look at the lock and apt's
    "Acquire::Retries=2",
    "Acquire::http::Timeout=30",
    "Acquire::https::Timeout=30",
)

ROOM = 256 * 1024  # KiB of memory with which something else is done beside apt

LONGEST = 7200.0  # seconds, of dpkg's work too; an upgrade of an old Pi takes an hour

_UNREACHABLE = re.compile(
    "resolving|resolve|Could not connect|unreachable|timed out|connection failed", re.IGNORECASE
)


@handles("packages")
class Packages(Handler):
    """Packages that are installed; which version is the distribution's business.

    along: what other steps install later, and this one in the same run of apt. beside: resources
    that do not wait for that, by id.
    """

    names: tuple[str, ...]
    along: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    def wanted(self) -> State:
        """Give each package as a key."""
        return dict.fromkeys(self.names, "installed")

    def actual(self) -> State:
        """Look up each package in dpkg's status."""
        return {name: "installed" for name in self.names if dpkg.installed(self.run, name)}

    def fix(self, differing: list[str]) -> None:
        """Install what is missing."""
        if memory.available() >= ROOM:
            self.run.begin(self.beside)
        along = [name for name in self.along if not dpkg.installed(self.run, name)]
        Apt(self.run).provide(differing + along)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Name what would be installed, and what is done meanwhile."""
        lines = ["install " + name for name in differing]
        return lines + (["meanwhile: " + ", ".join(self.beside)] if self.beside else [])


class Apt:
    """apt-get, asked never to ask, to keep configuration files and to remove nothing."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.update_failure: Output | None = None

    def provide(self, names: list[str]) -> None:
        """Install packages in one go, with fresh lists where the old ones will not do."""
        if self.lists_are_old() or self.unknown(names):
            self.update()
        unknown = self.unknown(names)
        if unknown:
            raise self.cannot_find(unknown)
        self.install(names)

    def lists_are_old(self) -> bool:
        """Tell whether the package lists are absent or were fetched more than a day ago."""
        try:
            fetched = max(os.stat(path).st_mtime for path in (LISTS, LISTS + "/partial"))
        except FileNotFoundError:
            return True
        return not self.has_lists() or time.time() - fetched > DAY

    def has_lists(self) -> bool:
        """Tell whether the package lists were ever fetched."""
        return os.path.isdir(LISTS) and any("_dists_" in name for name in os.listdir(LISTS))

    def unknown(self, names: Iterable[str]) -> list[str]:
        """Give the names that apt has no candidate for."""
        output = self.run.command(["apt-cache", "policy", *names])
        stanzas = re.findall(r"^(\S+):\n(?: .*\n)*?  Candidate: (.*)$", output.out, re.MULTILINE)
        known = {name.partition(":")[0] for name, version in stanzas if version != "(none)"}
        return [name for name in names if name not in known]

    def update(self) -> None:
        """Fetch the lists; that some could not be fetched counts when a package is missed.

        Raises Failed where not a byte came.
        """
        self.run.progress("apt-get update", always=True)
        try:
            output = self._get("update", "-q", "-o", "APT::Update::Error-Mode=any")
        except Silent as silent:
            if not silent.traffic.received:
                raise
            output = Output("apt-get update", 1, "", "", [*silent.log, "E: " + silent.what])
        self.update_failure = output if output.status else None
        if not output.status:
            os.utime(LISTS)

    def install(self, names: list[str]) -> None:
        """Install packages, after whatever an interrupted dpkg has left half done."""
        self.run.progress("apt-get install " + " ".join(names), always=True)
        self._finish_interrupted()
        output = self._get("install", "-y", "-q", "--no-remove", *names)
        dpkg.forget(self.run)
        if output.status:
            raise self.failed("the packages %s were not installed" % ", ".join(names), output)

    def upgrade(self) -> None:
        """Install newer versions of what is there, and what those need besides."""
        self.run.progress("apt-get upgrade", always=True)
        self._finish_interrupted()
        output = self._get("upgrade", "-y", "-q", "--with-new-pkgs")
        dpkg.forget(self.run)
        if output.status:
            raise self.failed("the packages were not upgraded", output)

    def simulated(self, *words: str) -> Output:
        """Give what apt-get would do, which needs no lock; raises Failed."""
        output = self.run.command(["apt-get", "-s", "-q", *words], check=False, env=_QUIET)
        if output.status:
            raise self.failed("apt-get cannot tell what it would do", output)
        return output

    def cannot_find(self, names: list[str]) -> Failed:
        """Tell why a package has no candidate: no such name, or lists that could not be had."""
        what = "no package %s" % ", ".join(names)
        if self.update_failure is not None:
            return self.failed(what, self.update_failure)
        why = "none of this host's package sources has it"
        return Failed(what, why, next="look at them on the host: apt-cache policy")

    def failed(self, what: str, output: Output) -> Failed:
        """Make a failure of apt's output: its E: lines, and whether the network is to blame."""
        log = [line for line in output.lines if re.match(r"(E|W):|dpkg: error| ", line)]
        log = log[-15:] or output.tail()
        if any(_UNREACHABLE.search(line) for line in log):
            why, step = "the host does not reach its package servers", "network and DNS"
            return Failed(what, why, log, "check the host's %s: sudo apt-get update" % step)
        why = "apt-get ended with status %d" % output.status
        return Failed(what, why, log, "correct what it names, then run the same command again")

    def _get(self, *words: str) -> Output:
        dpkg.wait(self.run)
        options = [word for option in _OPTIONS for word in ("-o", option)]
        argv = ["apt-get", *words, *options]
        return self.run.command(
            argv,
            check=False,
            progress=True,
            env=_QUIET,
            timeout=LONGEST,
            silence=self.run.silence,
            urls=self._urls(),
        )

    def _urls(self) -> list[str]:
        """Give the URLs of the package lists: what apt may talk to."""
        if "apt urls" not in self.run.cache:
            argv = ["apt-get", "update", "--print-uris"]
            told = self.run.command(argv, check=False, timeout=60).out
            found = re.findall(r"^'(https?://[^']+)'", told, re.MULTILINE)
            self.run.cache["apt urls"] = found
        urls: list[str] = self.run.cache["apt urls"]
        return urls

    def _finish_interrupted(self) -> None:
        if any(name.isdigit() for name in os.listdir("/var/lib/dpkg/updates")):
            dpkg.wait(self.run)
            argv = ["dpkg", "--force-confdef", "--force-confold", "--configure", "-a"]
            self.run.command(argv, progress=True, env=_QUIET, timeout=LONGEST)


@handles("package-lists")
class PackageLists(Act):
    """Fetches apt's package lists anew."""

    def act(self) -> State:
        """Run apt-get update; raises Failed when a list could not be had."""
        apt = Apt(self.run)
        apt.update()
        if apt.update_failure is not None:
            raise apt.failed("the package lists were not fetched", apt.update_failure)
        return {}
