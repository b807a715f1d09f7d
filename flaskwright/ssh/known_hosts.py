"""Host keys: what known_hosts says about a host, and the one place that adds to it.

The files are read by `ssh-keygen -F`, which knows hashed names, patterns and markers as ssh does.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flaskwright.agent.common.text import lines as lines_of

from ..errors import Unreachable


@dataclass(frozen=True)
class Key:
    """A public host key: its type as in known_hosts, and its bytes."""

    type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """`SHA256:…`, as `ssh-keygen -lf` prints it."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode("ascii")
        return f"SHA256:{digest.rstrip('=')}"

    def __str__(self) -> str:
        return f"{self.fingerprint} ({self.type})"


@dataclass(frozen=True)
class Known:
    """What known_hosts files say about one name; authorities: how many @cert-authority lines."""

    trusted: tuple[Key, ...] = ()
    revoked: tuple[Key, ...] = ()
    authorities: int = 0


def entry(address: str, port: int, alias: str = "") -> str:
    """Return the name that known_hosts has for a host: `host`, `[host]:port`, or the alias."""
    if alias:
        return alias
    return address.lower() if port == 22 else f"[{address.lower()}]:{port}"


def known(name: str, files: Iterable[Path]) -> Known:
    """Return what `files` say about `name`; a file that is not there says nothing."""
    trusted: list[Key] = []
    revoked: list[Key] = []
    authorities = 0
    for line in (line for file in files if file.exists() for line in _lines(name, file)):
        marker, fields = (line[0], line[1:]) if line[0].startswith("@") else ("", line)
        if marker == "@cert-authority":
            authorities += 1
        else:
            keys = revoked if marker == "@revoked" else trusted
            keys.append(Key(fields[1], base64.b64decode(fields[2])))
    return Known(tuple(trusted), tuple(revoked), authorities)


def _lines(name: str, file: Path) -> list[list[str]]:
    try:
        done = subprocess.run(
            ["ssh-keygen", "-F", name, "-f", str(file)],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        raise Unreachable(
            "ssh-keygen is not installed here",
            why="Without it nobody can tell whether the host's key is the right one.",
            next="sudo apt-get install openssh-client",
        ) from None
    return [line.split() for line in lines_of(done.stdout) if not line.startswith("#")]


def add(file: Path, name: str, keys: Sequence[Key]) -> None:
    """Append `keys` for `name` to a known_hosts file, hashed, 0600, in one rename."""
    file = file.expanduser().resolve()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = file.read_text() if file.exists() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    lines = "".join(
        f"{_hashed(name)} {key.type} {base64.b64encode(key.blob).decode('ascii')}\n" for key in keys
    )
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".known_hosts-")
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(before + lines)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _hashed(name: str) -> str:
    """Return `|1|salt|hash`, known_hosts' form of a name that is not to be read off."""
    salt = os.urandom(20)
    digest = hmac.digest(salt, name.encode(), "sha1")
    return "|1|" + "|".join(base64.b64encode(part).decode("ascii") for part in (salt, digest))
