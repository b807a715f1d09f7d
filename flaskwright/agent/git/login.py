"""How git gets into a repository that is not for everybody, while the operator is connected.

Over ssh: with the deploy key that was made here, or the operator's own agent where they forward it.
Over https: with a token that the operator's side gives when the server asks for one: then git calls
a credential helper of ours (gitcredentials(7)). The token goes to git through a pipe: not by its
command line or environment, which others can read, nor by a file.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.output import Output
    from .commits import Commits


KEY = "deploy-key"
SSH_URL = re.compile(r"ssh://|[^/:]+:(?!:|//)")
SERVER = re.compile(r"https://[^/]+")
OURS = "/root/.ssh/known_hosts"
STRICT = (
    "-o BatchMode=yes -o ConnectTimeout=20 -o StrictHostKeyChecking=yes -o UpdateHostKeys=no "
    "-o ServerAliveInterval=15 -o ServerAliveCountMax=8"
)
# $1 is what git wants of the helper: get; erase once a login was refused; store once it was good.
TELLS = '!f() { test "$1" = store || echo >/dev/fd/%d; }; f'
GIVES = '!f() { test "$1" != get || cat /dev/fd/%d; }; f'


class Login:
    """The ways into the repository at `url`; `token` is empty until its server wants one."""

    def __init__(self, url: str, here: Commits) -> None:
        self.url = url
        self.here = here
        self.run = here.run
        self.key = os.path.join(here.run.place.state, KEY)
        self.token = b""

    def git(self, *arguments: str, progress: bool = False) -> Output:
        """Run git on `here` with the means to log in at the URL's server."""
        if not SERVER.match(self.url):
            with self._ssh() as environment:
                return self._talk(arguments, progress, environment)
        if not self.token:
            output, is_asked = self._without_token(arguments, progress)
            if is_asked and output.status:
                self.token = self.run.want("token", {})
            if not self.token:
                return output
        with _pipe(self.token) as descriptor:
            words = ("-c", "credential.helper=", *self._helper(GIVES, descriptor))
            return self._talk((*words, *arguments), progress, {}, descriptor)

    def advice(self) -> str:
        """Say how the host is let into the repository: a token, a deploy key, a forwarded agent."""
        if not SSH_URL.match(self.url):
            return (
                "check the URL (some servers say this of what does not exist); a token goes into "
                "your keyring (or where `keyring` of the host says): "
                "keyring set flaskwright/%s git" % self.url.split("/")[2]
            )
        if os.path.exists(self.key):
            return "add the key that git.deploy-key shows to the repository, read-only"
        return "git.deploy-key makes a key for the repository; or forward your ssh agent"

    def _without_token(self, arguments: tuple[str, ...], progress: bool) -> tuple[Output, bool]:
        """Run git; gives also whether the server wanted a login that nobody here has."""
        reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            words = (*self._helper(TELLS, writing), *arguments)
            output = self._talk(words, progress, {}, writing)
            with contextlib.suppress(BlockingIOError):
                return output, bool(os.read(reading, 1))
            return output, False
        finally:
            os.close(reading)
            os.close(writing)

    def _talk(
        self, words: tuple[str, ...], progress: bool, env: dict[str, str], *descriptors: int
    ) -> Output:
        return self.here.talk(self.url, *words, env=env, progress=progress, descriptors=descriptors)

    def _helper(self, program: str, descriptor: int) -> tuple[str, ...]:
        """Give the setting that makes a helper known for this server only."""
        server = SERVER.match(self.url)
        scope = "credential.%s.helper=" % (server.group() if server else "")
        return ("-c", scope + program % descriptor)

    @contextlib.contextmanager
    def _ssh(self) -> Iterator[dict[str, str]]:
        """Give the environment for ssh: only a key that root or the operator trusts."""
        if not SSH_URL.match(self.url):
            yield {}
            return
        if "host keys" not in self.run.cache:
            self.run.cache["host keys"] = self.run.want("host-keys", {})
        with tempfile.NamedTemporaryFile(prefix="flaskwright-known-hosts-") as file:
            file.write(self.run.cache["host keys"])
            file.flush()
            command = 'ssh %s -o "UserKnownHostsFile=%s %s"' % (STRICT, OURS, file.name)
            environment = {"SSH_AUTH_SOCK": self.run.ssh_agent} if self.run.ssh_agent else {}
            if os.path.exists(self.key):
                command += " -i '%s'" % self.key
            yield dict(environment, GIT_SSH_COMMAND=command)


@contextlib.contextmanager
def _pipe(data: bytes) -> Iterator[int]:
    """Give a descriptor to read `data` from, once."""
    reading, writing = os.pipe()
    try:
        os.write(writing, data)
        os.close(writing)
        yield reading
    finally:
        os.close(reading)
