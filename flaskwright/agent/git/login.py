"""How git gets into a repository that is not for everybody, while the operator is connected.

Over ssh: with the deploy key that was made here, or the operator's own agent where they forward it.
Over https: with a token that the operator's side gives when the server asks for one. It goes to git
through a pipe: not by its command line or environment, which others can read, nor by a file.
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
REFUSED = re.compile(
    r"could not read (Username|Password)|Authentication failed|terminal prompts disabled|"
    r"error: 40[134]|Invalid username|[Rr]epository.* not found"
)
OURS = "/root/.ssh/known_hosts"
STRICT = (
    "-o BatchMode=yes -o ConnectTimeout=20 -o StrictHostKeyChecking=yes -o UpdateHostKeys=no "
    "-o ServerAliveInterval=15 -o ServerAliveCountMax=8"
)
# $1 is what git wants of the helper: get, store or erase.
HELPER = '!f() { test "$1" != get || cat /dev/fd/%d; }; f'


class Login:
    """The ways into the repository at `url`; `token` is empty until its server wants one."""

    def __init__(self, url: str, here: Commits) -> None:
        self.url = url
        self.here = here
        self.run = here.run
        self.key = os.path.join(here.run.state, KEY)
        self.token = b""

    def git(self, *arguments: str, progress: bool = False) -> Output:
        """Run git on `here` with the means to log in at the URL's server."""
        output = self._git(arguments, progress)
        if output.status and not self.token and self.url.startswith("https://"):
            self.token = self.run.want("token", {}) if REFUSED.search(output.err) else b""
            output = self._git(arguments, progress) if self.token else output
        return output

    def advice(self) -> str:
        """Say what would let the host in."""
        if not SSH_URL.match(self.url):
            return (
                "check the URL (some servers say this of what does not exist); a token goes into "
                "your keyring (or where `keyring` of the host says): "
                "keyring set flaskwright/%s git" % self.url.split("/")[2]
            )
        if os.path.exists(self.key):
            return "add the key that git.deploy-key shows to the repository, read-only"
        return "git.deploy-key makes a key for the repository; or forward your ssh agent"

    def _git(self, arguments: tuple[str, ...], progress: bool) -> Output:
        with self._ssh() as environment, _pipe(self.token) as descriptor:
            words = self._helper(descriptor) if self.token else ()
            return self.here.talk(
                *(self.url, *words, *arguments),
                env=environment,
                progress=progress,
                descriptors=(descriptor,),
            )

    def _helper(self, descriptor: int) -> tuple[str, ...]:
        """Give the settings that make the token known for this server only, and kept by nobody."""
        server = SERVER.match(self.url)
        scope = "credential.%s.helper=" % (server.group() if server else "")
        return ("-c", "credential.helper=", "-c", scope + HELPER % descriptor)

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
