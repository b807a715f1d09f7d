"""Runs the agent that lies on the host's disk; one that is not there comes from the operator.

Stage one, a line of Python on the operator's command line, executes this source by itself and
calls `run`. It comes with each command: what decides whether the agent on the disk is to be
believed does not lie there.

An agent is told by its digest, that of all its modules: HOST_STATE/host.agent/DIGEST holds the
package `agent` with the folders that it has in the repository, compiled, and `__main__.py`, by
which a transaction is started. The file `seal` says what all of it was when it was put there.
"""

from __future__ import annotations

import bz2
import contextlib
import errno
import fcntl
import gc
import hashlib
import importlib.util
import io
import json
import os
import stat
import sys
from importlib.machinery import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import ModuleType
    from typing import Any, BinaryIO


TREES = "host.agent"  # in the directory of the host's state; no app has a name with a dot
PACKAGE, MAIN, SEAL = "agent", "agent.main", "seal"
STOP = b"\0stop"  # a frame that answers nothing
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Sources:
    """A finder and loader of a package whose sources are in a dictionary, by path without .py.

    What is before a / of a path is a package, too, with nothing in it.
    """

    def __init__(self, package: str, sources: dict[str, str]) -> None:
        self.package = package
        self.sources = sources
        self._packages = set(packages(sources))

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of the package; others are left to the other finders."""
        module = self._path(name)
        is_package = module in self._packages
        if module is None or not (is_package or module in self.sources):
            return None
        below = (self.package, module, "__init__" if is_package else "")
        origin = "/".join(filter(None, below)) + ".py"
        spec = ModuleSpec(name, self, origin=origin, is_package=is_package)  # type: ignore[arg-type]
        spec.has_location = True  # sets __file__
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave the making of the module to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's source in it."""
        source = self.get_source(module.__name__)
        exec(compile(source, str(module.__file__), "exec"), module.__dict__)  # noqa: S102

    def get_source(self, name: str) -> str:
        """Give a module's source; tracebacks ask for it."""
        return self.sources.get(self._path(name) or "", "")

    def _path(self, name: str) -> str | None:
        """Give the path of a module of the package, empty for the package itself."""
        first, _, rest = name.partition(".")
        return rest.replace(".", "/") if first == self.package else None


def packages(sources: Mapping[str, Any]) -> Iterator[str]:
    """Give the paths of the packages that modules with these paths are in; the first is empty."""
    yield ""
    for path in sources:
        names = path.split("/")[:-1]
        yield from ("/".join(names[: count + 1]) for count in range(len(names)))


def digest(files: Mapping[str, bytes]) -> str:
    """Give what tells files by their names and contents from others."""
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(b"%s %d\n" % (name.encode("utf-8"), len(files[name])))
        whole.update(files[name])
    return whole.hexdigest()[:32]


def run(wanted: str, host_state: str) -> None:
    """Run the agent of a digest with the plan that comes next; exits, with 1 for a bug."""
    gc.disable()  # until the plan is gone through (main.py): of what is imported, all of it stays
    place = os.path.join(host_state, TREES, wanted)
    held = hold(place)
    try:
        if is_sound(place, wanted):
            sys.dont_write_bytecode = True  # nothing is added to what was sealed
            sys.path.insert(0, place)
            main = importlib.import_module(MAIN).main  # the plan may take longer to come than this
            plan = _plan()
        else:
            with contextlib.suppress(OSError):
                os.close(held)  # it is ours to replace
            plan = _plan()
            sys.meta_path.insert(0, Sources(PACKAGE, _received(wanted, plan)))
            main = importlib.import_module(MAIN).main
        status = main(plan)
    except Exception:
        import traceback

        traceback.print_exc()
        status = 1
    sys.exit(status)


def hold(place: str) -> int:
    """Keep the agent there while this process lives, or its descriptor (-1: there is none)."""
    try:
        descriptor = os.open(place, _DIRECTORY)
    except OSError:
        return -1
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return descriptor


def is_sound(place: str, wanted: str) -> bool:
    """Tell whether the agent of a digest lies there as it was put there.

    Nobody else than we and root may be able to write it, or to put another one in its place.
    """
    try:
        must_be_ours(os.path.dirname(place))
        _must_be(os.lstat(place), (os.geteuid(),), place)
        found = dict(contents(place))
    except OSError:
        return False
    sealed = found.pop(SEAL, b"")
    return sealed == seal(found) and digest(_sources_in(found)) == wanted


def seal(files: Mapping[str, bytes]) -> bytes:
    """Give what an agent's files are known by later; compiled by another Python they are others."""
    return digest({**files, "": importlib.util.MAGIC_NUMBER}).encode("ascii")


def contents(place: str, below: str = "") -> Iterator[tuple[str, bytes]]:
    """Give each file below a directory, by its path in it; OSError for what others may write."""
    with os.scandir(os.path.join(place, below)) as entries:
        for entry in entries:
            path = os.path.join(below, entry.name)
            status = entry.stat(follow_symlinks=False)
            _must_be(status, (os.geteuid(),), path)
            if stat.S_ISDIR(status.st_mode):
                yield from contents(place, path)
            else:
                yield path, _content(entry.path)


def _content(path: str) -> bytes:
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        return file.read()


def _sources_in(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Give the modules among an agent's files, by path without .py."""
    inside, end = PACKAGE + "/", ".py"
    modules = [path for path in files if path.startswith(inside) and path.endswith(end)]
    return {
        path[len(inside) : -len(end)]: files[path]
        for path in modules
        if os.path.basename(path) != "__init__.py"
    }


def must_be_ours(directory: str) -> None:
    """Raise OSError where others can write a directory of ours, or one on the way to it."""
    here = os.path.realpath(directory)
    _must_be(os.lstat(here), (os.geteuid(),), here)
    while here != "/":
        here = os.path.dirname(here)
        _must_be(os.lstat(here), (0, os.geteuid()), here, stat.S_ISVTX)


def _must_be(status: os.stat_result, users: Sequence[int], path: str, but: int = 0) -> None:
    """Raise OSError for what is another's, is writable by others, or is no file and no directory.

    but: a mode by which others may write and nevertheless change nothing of ours.
    """
    if not (stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)):
        raise PermissionError(errno.EPERM, "neither file nor directory", path)
    if status.st_uid not in users:
        raise PermissionError(errno.EPERM, "it belongs to user %d" % status.st_uid, path)
    if status.st_mode & 0o022 and not status.st_mode & but:
        raise PermissionError(errno.EPERM, "others may write it", path)


def _plan() -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(bz2.decompress(_come(_stdin(), "plan")).decode("utf-8"))
    return plan


def _stdin() -> BinaryIO:
    """Give standard input so that nothing is read ahead of what is asked for."""
    return io.BufferedReader(io.FileIO(0, closefd=False), 1)


def _received(wanted: str, plan: dict[str, Any]) -> dict[str, str]:
    """Ask the operator's side for the agent, and give its sources.

    They may meanwhile have asked for a stop, which is kept for who reads the plan.
    """
    ask = json.dumps({"event": "want", "name": "agent", "value": {"digest": wanted}})
    os.write(1, ask.encode("ascii") + b"\n")
    stdin = _stdin()
    body = _come(stdin, "agent")
    while body == STOP:
        plan["stopping"] = True
        body = _come(stdin, "agent")
    sources: dict[str, str] = json.loads(bz2.decompress(body).decode("utf-8"))
    if digest({path: text.encode("utf-8") for path, text in sources.items()}) != wanted:
        sys.exit("what came is not the agent that was announced")
    return sources


def _come(stdin: BinaryIO, what: str) -> bytes:
    body = frame(stdin)
    if body is None:
        sys.exit("the %s was cut off on its way" % what)
    return body


def frame(stdin: BinaryIO) -> bytes | None:
    """Read a frame: its length in decimal, a newline, itself; None where the link ends in it."""
    head = stdin.readline(20)
    size = int(head) if head.endswith(b"\n") else -1
    body = stdin.read(max(size, 0))
    return body if len(body) == size else None
