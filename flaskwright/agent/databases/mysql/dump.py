"""A database written down as statements, looked at, and put back; large ones pass through."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import threading

from ...common import text
from ...engine.command import started
from ...engine.errors import Failed
from ...engine.output import Output
from ...engine.watch import ended
from .client import CLIENTS, DUMPERS, failed, identifier, program

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from typing import IO, Any

    Objects = dict[str, list[str]]  # name -> digests of its schema and of its rows


WRITES = (
    *("--databases", "--add-drop-database", "--single-transaction", "--quick", "--hex-blob"),
    *("--routines", "--triggers", "--events", "--order-by-primary", "--skip-dump-date"),
    *("--default-character-set=utf8mb4", "--max-allowed-packet=1G"),
)
# What is put back is the app's: none of it may start a program.
READS = (
    *("--loose-sandbox", "--loose-skip-system-command", "--batch"),
    *("--default-character-set=utf8mb4", "--max-allowed-packet=1G"),
)
CHUNK = 1 << 20  # bytes
KEPT = 1 << 14  # bytes of what a program says
_OBJECT = re.compile(
    rb"-- (?:Table structure|Dumping data|Temporary \w+ structure|Final view structure)"
    rb" for (table|view) `(.+)`$"
)
_OTHERS = re.compile(rb"-- Dumping (routines|events) for database ")
_COUNTER = re.compile(rb" AUTO_INCREMENT=\d+")


class Sections:
    """What is in a dump, object by object: a database is the same when all digests are."""

    def __init__(self) -> None:
        self._now = ""
        self._line: tuple[hashlib._Hash, ...] = ()
        self._ended = True
        self._digests: dict[str, tuple[hashlib._Hash, hashlib._Hash]] = {}

    def add(self, piece: bytes) -> None:
        """Take a line, or a piece of one that is too long to be held whole.

        What comes before the first object is about the server.
        """
        if self._ended:
            self._line = ()
            self._begin(piece)
        else:
            for digest in self._line:
                digest.update(piece)
        self._ended = piece.endswith(b"\n")

    def _begin(self, line: bytes) -> None:
        found = _OBJECT.match(line) or _OTHERS.match(line)
        if found:
            self._now = " ".join(part.decode("utf-8", "replace") for part in found.groups())
            self._digests.setdefault(self._now, (hashlib.sha256(), hashlib.sha256()))
        elif self._now and not line.startswith(b"-- "):
            schema, data = self._digests[self._now]
            if line.startswith(b"INSERT INTO "):
                data.update(line)
                self._line = (data,)
            elif line.startswith(b") ENGINE="):
                schema.update(_COUNTER.sub(b"", line))
                data.update(line)
                self._line = (schema, data)
            else:
                schema.update(line)
                self._line = (schema,)

    def objects(self) -> Objects:
        """Give the digests of each object."""
        return {name: [one.hexdigest() for one in both] for name, both in self._digests.items()}


def dump(database: str, path: str) -> Objects:
    """Write a database into a new file that only root may read; raises Failed, OSError."""
    sections = Sections()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "wb") as file:
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6) as packed:

            def take(piece: bytes) -> None:
                sections.add(piece)
                packed.write(piece)

            _dumped(database, take)
        file.flush()
        os.fsync(file.fileno())
    return sections.objects()


def look(database: str) -> Objects:
    """Give what is in a database now; raises Failed."""
    sections = Sections()
    _dumped(database, sections.add)
    return sections.objects()


def load(path: str, objects: Objects) -> None:
    """Put a database in the place of the one that is there; Failed for a file that is not whole."""
    sections = Sections()
    try:
        with gzip.open(path, "rb") as packed:
            for piece in pieces(packed):
                sections.add(piece)
    except (OSError, EOFError) as error:
        raise Failed("the backup %s cannot be read: %s" % (path, error)) from None
    if sections.objects() != objects:
        raise Failed("the backup %s is not what was written" % path)
    _fed([program(CLIENTS) or CLIENTS[1], *READS], path)


def _dumped(database: str, take: Callable[[bytes], None]) -> None:
    identifier(database)
    process = started([program(DUMPERS) or DUMPERS[1], *WRITES, database], {})
    said = _Said(process.stderr)
    try:
        for piece in pieces(process.stdout):
            take(piece)
    except BaseException:
        ended(process)
        raise
    _must_be_good(process, said, DUMPERS[1])


def pieces(stream: Any) -> Iterator[bytes]:
    """Yield lines, a long one in pieces: a row may be as large as the server lets it be."""
    return iter(lambda: stream.readline(CHUNK), b"")


def _fed(argv: list[str], path: str) -> None:
    process = started(argv, {"input": b""})
    said, _ = _Said(process.stderr), _Said(process.stdout)
    try:
        with gzip.open(path, "rb") as packed, process.stdin as given:  # type: ignore[union-attr]
            shutil.copyfileobj(packed, given, CHUNK)
    except BrokenPipeError:
        pass  # it has said why
    except BaseException:
        ended(process)
        raise
    _must_be_good(process, said, CLIENTS[1])


def _must_be_good(process: subprocess.Popen[bytes], said: _Said, name: str) -> None:
    status = process.wait()
    said.join()
    if status:
        output = Output(name, status, "", said.kept.decode("utf-8", "replace"), [])
        reason = failed(output)
        raise Failed(reason.what, reason.why, text.lines(said.kept)[-5:], reason.next)


class _Said(threading.Thread):
    """Reads what a program says to its end, so that it never waits for us; keeps the last of it."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        super().__init__(daemon=True)
        self.pipe = pipe
        self.kept = b""
        self.start()

    def run(self) -> None:
        """Read the pipe to its end and keep the last bytes of it."""
        for data in iter(lambda: self.pipe.read1(KEPT), b"") if self.pipe else ():  # type: ignore
            self.kept = (self.kept + data)[-KEPT:]
