"""Where a sandbox keeps its things, and what it remembers about each host.

/var/lib/flaskwright-sandbox/
  images/SUITE-HASH/            an unpacked Debian, never written to
  layers/NAME.json, NAME/upper  what a host had changed when it was frozen
  hosts/NAME/host.json          the record; beside it disk/{upper,work,root}, host key, console.log
  network.json  names.json      the bridge; what the resolver answers
  identity  known_hosts         the way in

Records are readable by everyone; disks are not, for programs in them may be set-uid.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from flaskwright.errors import Unreachable, UsageError
from sandbox.commands import Process

DEFAULT = Path("/var/lib/flaskwright-sandbox")
LENT = ".lent"
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


@dataclass(frozen=True)
class Lab:
    """The state directory and the files in it."""

    root: Path

    @property
    def images(self) -> Path:
        """Unpacked suites."""
        return self.root / "images"

    @property
    def layers(self) -> Path:
        """Frozen hosts."""
        return self.root / "layers"

    @property
    def hosts(self) -> Path:
        """A directory for each host."""
        return self.root / "hosts"

    @property
    def identity(self) -> Path:
        """The private key to log in with."""
        return self.root / "identity"

    @property
    def known_hosts(self) -> Path:
        """The hosts' own keys, for ssh."""
        return self.root / "known_hosts"

    @property
    def network(self) -> Path:
        """The number of the bridge."""
        return self.root / "network.json"

    @property
    def names(self) -> Path:
        """What the resolver answers."""
        return self.root / "names.json"

    def host(self, name: str) -> Path:
        """The directory of one host."""
        return self.hosts / checked(name)

    @property
    def owner(self) -> "Lab":
        """Whose images these are: another state directory's where ours is a link to its own."""
        return Lab(self.images.resolve().parent)

    @contextmanager
    def locked(self, name: str = "lock") -> Iterator[None]:
        """One at a time, across processes, until the block ends."""
        with self._held(f".{name}", fcntl.LOCK_EX):
            yield

    @contextmanager
    def lending_images(self) -> Iterator[None]:
        """Until the block ends another place may have hosts upon these images."""
        with self._held(LENT, fcntl.LOCK_SH):
            yield

    @contextmanager
    def alone_with_images(self) -> Iterator[None]:
        """UsageError while the images are lent."""
        with ExitStack() as stack:
            try:
                stack.enter_context(self._held(LENT, fcntl.LOCK_EX | fcntl.LOCK_NB))
            except BlockingIOError:
                raise UsageError(
                    f"sandbox: the images in {self.images} are in use",
                    why="Hosts of another state directory stand on them: of a test run?",
                    next="wait for the end of it, and type the same again",
                ) from None
            yield

    @contextmanager
    def _held(self, name: str, how: int) -> Iterator[None]:
        """Hold the lock of a file, as flock(2) does it, until the block ends."""
        self.make()
        with (self.root / name).open("w") as file:
            fcntl.flock(file, how)
            yield

    def make(self) -> None:
        """The directories, open to be read except where disks of hosts are."""
        for path, mode in (
            (self.root, 0o755),
            (self.images, 0o700),
            (self.layers, 0o755),
            (self.hosts, 0o755),
        ):
            if not path.exists():
                path.mkdir(parents=True)
                path.chmod(mode)


def lab() -> Lab:
    """The state directory in force: FLASKWRIGHT_SANDBOX, or the one below /var/lib."""
    root = Path(os.environ.get("FLASKWRIGHT_SANDBOX") or DEFAULT)
    if not root.is_absolute() or re.search(r"[\s:,\\\"']", str(root)):
        raise UsageError(
            f"FLASKWRIGHT_SANDBOX={root}: not usable as a state directory",
            why="It has to be an absolute path without blanks, colon, comma, quotes or backslash.",
        )
    return Lab(root)


def checked(name: str) -> str:
    """The name of a host or layer, fit for a path and a host name."""
    if not NAME.fullmatch(name):
        raise UsageError(
            f"sandbox {name!r}: not a name for a throw-away host",
            why="Names are lower-case letters, digits and dashes, at most 31, a letter first.",
        )
    return name


@dataclass(frozen=True)
class Record:
    """What is known about a host: its disk's layers, its place on the bridge, its process."""

    name: str
    suite: str
    image: str
    number: int  # the last part of its address
    address: str = ""
    address6: str = ""
    layers: tuple[str, ...] = ()  # topmost first
    names: tuple[str, ...] = ()  # what the resolver knows beside NAME.test
    leader: Process | None = None

    @property
    def running(self) -> bool:
        """Whether its systemd-nspawn is there."""
        return self.leader is not None and self.leader.alive


def records(lab: Lab) -> list[Record]:
    """Every host of this state directory, by name."""
    found = []
    for path in sorted(lab.hosts.glob("*/host.json")):
        with suppress(FileNotFoundError):  # taken down just now
            found.append(read_record(path))
    return found


def record(lab: Lab, name: str) -> Record:
    """The host of that name; UsageError when there is none."""
    path = lab.host(name) / "host.json"
    if not path.exists():
        known = ", ".join(each.name for each in records(lab)) or "none"
        raise UsageError(
            f"sandbox {name}: there is no such host",
            why=f"Known: {known}.",
            next=f"./fab sandbox.up --name {name}",
        )
    return read_record(path)


def read_record(path: Path) -> Record:
    """A record from its file."""
    fields: dict[str, Any] = json.loads(path.read_text())
    leader = fields.pop("leader")
    return replace(
        Record(**fields),
        layers=tuple(fields["layers"]),
        names=tuple(fields["names"]),
        leader=Process(**leader) if leader else None,
    )


def save(lab: Lab, record: Record) -> Record:
    """Write a host's record to its file, and return it."""
    write(lab.host(record.name) / "host.json", json.dumps(asdict(record), indent=1))
    return record


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Put text in the file's place at once: readers see the old or the new, never a part."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
    fresh.chmod(mode)
    fresh.rename(path)


def remove(path: Path) -> None:
    """A file or tree, gone; nothing there is as good. Never through what is mounted in it."""
    if mounts := mounted_below(path):
        raise Unreachable(f"sandbox: {path} is not removed", why=f"{mounts[0]} is mounted.")
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def mounted_below(path: Path) -> list[Path]:
    """What is mounted at the path or further down, in this process's view."""
    places = [Path(line.split()[1]) for line in Path("/proc/mounts").read_text().splitlines()]
    return [place for place in places if place.is_relative_to(path)]
