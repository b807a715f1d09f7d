"""What an app reads by keyring, as files that systemd opens for the app's service alone.

Each set of values has a file of its own, which never changes: a release's unit names the one that
it was deployed with, so a rollback brings its values back. Sealed with the host's own key where
systemd can (250), else for root alone. What is shown, and the files' names, are marks: an HMAC with
a key that lies beside them, so that nobody else can try values out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil

from . import disk
from .command import PATH
from .handler import Failed
from .paths import make_directories
from .text import now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .run import Run

    Packed = dict[str, Any]  # {"entries": {service: {username: value}}, "plain": [name]}

NAME = "keyring"
PROGRAM = "systemd-creds"
HOST_KEY = "/var/lib/systemd/credential.secret"
OLDEST = 247  # systemd that knows LoadCredential=
SEALED, OPEN = ".cred", ".plain"
DIRECTIVES = {SEALED: "LoadCredentialEncrypted", OPEN: "LoadCredential"}


class Credentials:
    """The files of one app, in its state directory."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.directory = os.path.join(run.state, "credentials")
        self.suffix = SEALED if shutil.which(PROGRAM, path=PATH) else OPEN

    def key(self) -> bytes:
        """Give the key of the marks; empty where nothing was ever pushed."""
        return disk.read(self._path("key")) or b""

    def make_key(self) -> bytes:
        """Give that key, made if need be."""
        if not self.key():
            make_directories(self.directory, 0o700)
            disk.write(self._path("key"), os.urandom(32), mode=0o600)
        return self.key()

    def ids(self) -> list[str]:
        """Give all that are here."""
        names = os.listdir(self.directory) if os.path.isdir(self.directory) else []
        return sorted(name[: -len(".json")] for name in names if name.endswith(".json"))

    def is_whole(self, identity: str) -> bool:
        """Tell whether it is here, in the form of today, and the host can still open it."""
        sealed_by = self._record(identity).get("host")
        return sealed_by == self._host_key() and os.path.exists(self._path(identity + self.suffix))

    def is_here(self, identity: str) -> bool:
        """Tell whether a release that names it can be started."""
        return any(os.path.exists(self._path(identity + suffix)) for suffix in DIRECTIVES)

    def marks(self, identity: str) -> dict[str, str]:
        """Give the mark of each entry in it; empty where there is none."""
        marks: dict[str, str] = self._record(identity).get("marks", {})
        return marks

    def directive(self, identity: str) -> str:
        """Give the setting of a unit that has systemd hand it over."""
        path = self._path(identity + self.suffix)
        return "%s=%s:%s" % (DIRECTIVES[self.suffix], NAME, path)

    def write(self, packed: Packed) -> str:
        """Keep values, sealed where the host can; gives their identity. Raises Failed."""
        marks = marks_of(self.make_key(), packed)
        identity = identity_of(marks, packed["plain"])
        data = json.dumps(packed, sort_keys=True).encode("ascii")
        disk.write(self._path(identity + self.suffix), self._sealed(data), mode=0o600)
        record = {"marks": marks, "host": self._host_key(), "made": now(), "by": self.run.who}
        disk.write(self._path(identity + ".json"), json.dumps(record).encode("ascii"), mode=0o600)
        return identity

    def read(self, identity: str) -> bytes:
        """Give the values as they are handed over; raises Failed."""
        if not os.path.exists(self._path(identity + SEALED)):
            return disk.read(self._path(identity + OPEN)) or b"{}"
        argv = [PROGRAM, "decrypt", "--name=" + NAME, self._path(identity + SEALED), "-"]
        output = self.run.command(argv, check=False, timeout=30)
        if output.status:
            what = "the host cannot open the app's secrets any more"
            raise Failed(what, log=output.err.splitlines(), next="./fab secrets.rotate")
        return output.out.encode()

    def remove(self, identity: str) -> None:
        """Forget one."""
        for suffix in (SEALED, OPEN, ".json"):
            disk.remove(self._path(identity + suffix))

    def _path(self, name: str) -> str:
        return os.path.join(self.directory, name)

    def _record(self, identity: str) -> dict[str, Any]:
        data = disk.read(self._path(identity + ".json")) if identity else None
        record: dict[str, Any] = json.loads(data.decode()) if data else {}
        return record

    def _host_key(self) -> str:
        """Give a mark of what seals them: another machine, or a new key, cannot open them."""
        if self.suffix == OPEN:
            return ""
        return mark(self.key(), HOST_KEY, repr(disk.read(HOST_KEY)))

    def _sealed(self, data: bytes) -> bytes:
        if self.suffix == OPEN:
            self._must_know_credentials()
            return data
        argv = [PROGRAM, "encrypt", "--with-key=host", "--name=" + NAME, "-", "-"]
        return self.run.command(argv, input=data, timeout=30).out.encode()

    def _must_know_credentials(self) -> None:
        words = self.run.command(["systemctl", "--version"]).out.split()
        if not words[1:2] or int(words[1]) < OLDEST:
            what = "systemd %s cannot hand secrets to a service" % words[1]
            raise Failed(what, "%d is the oldest that can" % OLDEST, next="a newer Debian can")


def marks_of(key: bytes, packed: Packed) -> dict[str, str]:
    """Give the mark of each entry."""
    return {
        "%s/%s" % (service, username): mark(key, "%s/%s" % (service, username), value)
        for service, values in packed["entries"].items()
        for username, value in values.items()
    }


def mark(key: bytes, name: str, value: str) -> str:
    """Give what tells a value of an entry from others; the operator's side does the same."""
    return hmac.new(key, json.dumps([name, value]).encode("ascii"), hashlib.sha256).hexdigest()[:16]


def identity_of(marks: dict[str, str], plain: Iterable[str]) -> str:
    """Give the name of a set of values."""
    text = json.dumps([sorted(marks.items()), sorted(plain)])
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]
