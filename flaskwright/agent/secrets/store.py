"""What an app reads by keyring, as files that systemd opens for the app's service alone.

Each set of values has a file of its own, which never changes: a release's unit names the one that
it was deployed with, so a rollback brings its values back. Where systemd cannot open files for a
service, it is one of the app's user. What is shown, and the files' names, are marks: an HMAC with a
key that only root has, so that nobody else can try values out.
"""

from __future__ import annotations

import hashlib
import json
import os

from ..app.releases import Releases
from ..common.hiding import Hiding
from ..common.marks import mark
from ..common.text import now
from ..engine.errors import Failed
from ..system import disk
from ..system.disk import remove_tree
from ..system.owners import gid
from ..system.paths import make_directories
from .forms import FILE, PROGRAM, SEALED, form_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..engine.run import Run
    from .forms import Form

    Packed = dict[str, Any]  # {"entries": {service: {username: value}}, "plain": [name]}


NAME = "keyring"
HOST_KEY = "/var/lib/systemd/credential.secret"


class Credentials:
    """What is kept of one app, under names: an identity, and the ending of its form.

    Records, the key, and what systemd opens are root's, in the app's state. The app's user
    cannot go there: what it has to read itself is in the app's directory, in one for each name.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.directory = os.path.join(run.place.state, "credentials")
        self.releases = Releases(run.place)

    def key(self) -> bytes:
        """Give the key of the marks; empty where nothing was ever pushed."""
        return disk.read(self._path("key")) or b""

    def make_key(self) -> bytes:
        """Give the app's key of 32 bytes for marks; made where there is none."""
        if not self.key():
            make_directories(self.directory, 0o700)
            disk.write(self._path("key"), os.urandom(32), mode=0o600)
        return self.key()

    def names(self) -> list[str]:
        """Give the names of all credentials on this host, sorted."""
        names = os.listdir(self.directory) if os.path.isdir(self.directory) else []
        return sorted(name[: -len(".json")] for name in names if name.endswith(".json"))

    def is_whole(self, name: str) -> bool:
        """Tell whether a credential is on this host, and can still be opened by it."""
        return self._record(name).get("host") == self._host_key(name) and self.is_here(name)

    def is_here(self, name: str) -> bool:
        """Tell whether a release's credential is here; one that names none needs none."""
        return not name or os.path.exists(self._file(name))

    def of(self, release: str) -> str:
        """Give the name of the credential that a release has; empty where it needs none."""
        name: str = self.releases.manifest(release).get("credential", "")
        return name

    def of_live(self) -> str:
        """Give the name of the live release's credential; empty: it has none."""
        return self.of(self.releases.current())

    def marks(self, name: str) -> dict[str, str]:
        """Give the mark of each entry in a credential, by entry; {} where there is none."""
        marks: dict[str, str] = self._record(name).get("marks", {})
        return marks

    def setting(self, name: str) -> str:
        """Give the setting of a unit by which its processes find it."""
        return form_of(name).setting % self._place(name)

    def write(self, packed: Packed, form: Form) -> None:
        """Keep values for the app's user, under the name that they have in a form; or Failed."""
        marks = marks_of(self.make_key(), packed)
        name = name_of(marks, packed["plain"], form)
        data = json.dumps(packed, sort_keys=True).encode("ascii")
        if form is FILE:
            make_directories(self._place(name), 0o700)
            lay(self._place(name), data, self.run.place.name)
        else:
            sealed = self._sealed(data) if form is SEALED else data
            disk.write(self._file(name), sealed, mode=0o600)
        record = {"marks": marks, "host": self._host_key(name), "made": now(), "by": self.run.who}
        disk.write(self._path(name + ".json"), json.dumps(record).encode("ascii"), mode=0o600)

    def read(self, name: str) -> bytes:
        """Give the values of a credential, as they are handed to the app; raises Failed."""
        if form_of(name) is FILE:
            return self._unchanged(name, disk.read(self._file(name)) or b"{}")
        if form_of(name) is not SEALED:
            return disk.read(self._file(name)) or b"{}"
        argv = [PROGRAM, "decrypt", "--name=" + NAME, self._file(name), "-"]
        output = self.run.command(argv, check=False, timeout=30)
        if output.status:
            what = "the host cannot open the app's secrets any more"
            raise Failed(what, log=output.tail(), next="./fab secrets.rotate")
        return output.out.encode()

    def withhold(self, release: str) -> None:
        """Have the run hide what a release reads from now on; Failed where it cannot be opened."""
        name = self.of(release)
        if name:
            self.run.hide = Hiding(self.read(name).decode()).within

    def remove(self, name: str) -> None:
        """Remove a credential by its name, and its note."""
        remove_tree(self._place(name))
        disk.remove(self._path(name + ".json"))

    def _path(self, name: str) -> str:
        return os.path.join(self.directory, name)

    def _place(self, name: str) -> str:
        if form_of(name) is FILE:
            return os.path.join(self.run.place.credentials, name)
        return self._path(name)

    def _file(self, name: str) -> str:
        return os.path.join(self._place(name), NAME) if form_of(name) is FILE else self._path(name)

    def _record(self, name: str) -> dict[str, Any]:
        data = disk.read(self._path(name + ".json")) if name else None
        record: dict[str, Any] = json.loads(data.decode()) if data else {}
        return record

    def _host_key(self, name: str) -> str:
        """Give a mark of what seals them: another machine, or a new key, cannot open them."""
        sealed = form_of(name) is SEALED
        return mark(self.key(), HOST_KEY, repr(disk.read(HOST_KEY))) if sealed else ""

    def _unchanged(self, name: str, data: bytes) -> bytes:
        """Give what a file of the app's user holds; Failed where that is not what we wrote."""
        try:
            packed = json.loads(data.decode("ascii"))
            found = name_of(marks_of(self.key(), packed), packed["plain"], FILE)
        except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
            found = ""
        if found != name:
            what = "the file with the app's secrets is not as it was written"
            raise Failed(what, self._file(name), next="./fab secrets.rotate")
        return data

    def _sealed(self, data: bytes) -> bytes:
        argv = [PROGRAM, "encrypt", "--with-key=host", "--name=" + NAME, "-", "-"]
        return self.run.command(argv, input=data, timeout=30).out.encode()


def lay(directory: str, data: bytes, app: str) -> None:
    """Let the user `app` read values in a directory, which stays ours: it can put nothing there."""
    disk.write(os.path.join(directory, NAME), data, app, mode=0o400)
    os.chown(directory, os.geteuid(), gid(app))
    os.chmod(directory, 0o710)  # noqa: S103 - the app has to come to its own


def marks_of(key: bytes, packed: Packed) -> dict[str, str]:
    """Give the mark of each entry."""
    return {
        "%s/%s" % (service, username): mark(key, "%s/%s" % (service, username), value)
        for service, values in packed["entries"].items()
        for username, value in values.items()
    }


def name_of(marks: dict[str, str], plain: Iterable[str], form: Form) -> str:
    """Give the name of a set of values in a form."""
    text = json.dumps([sorted(marks.items()), sorted(plain)])
    return "%s.%s" % (hashlib.sha256(text.encode("ascii")).hexdigest()[:16], form.word)
