"""The agent on the host's disk: put there once for each version; of many versions a few stay."""

from __future__ import annotations

import contextlib
import fcntl
import glob
import os

from .. import loader
from ..engine.errors import Failed
from ..loader import PACKAGE, SEAL, TREES
from . import disk
from .lock import locked
from .paths import make_directories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


START = """
import sys
sys.dont_write_bytecode = True
from agent.main import detached
sys.exit(detached(*sys.argv[1:]))
"""
NEWEST = 3  # versions that stay; with 4 operators of 4 versions one is sent again now and then
BEGUN = "*/transaction/agent"  # in the host's state: what an app's last transaction runs from
DRAFT = ".part"


def own() -> str:
    """Give the directory on the disk that this agent runs from; empty for one in memory."""
    place = os.path.dirname(os.path.dirname(os.path.abspath(loader.__file__)))
    return place if os.path.exists(os.path.join(place, SEAL)) else ""


def kept(host_state: str, who: str, wait: float = 0.0) -> str:
    """Give the directory of this agent on the disk; it is put there where it is not.

    wait: seconds for somebody else who puts one there. Raises Held after them, Failed, and OSError
    where the disk takes nothing.
    """
    if own():
        return own()
    sources, trees = _sources(), os.path.join(host_state, TREES)
    wanted = loader.digest(sources)
    place = os.path.join(trees, wanted)
    make_directories(host_state, 0o700)
    make_directories(trees, 0o700)
    _must_be_ours(trees)
    with locked([os.path.join(trees, "lock")], who, "keeps the agent", wait):
        if not loader.is_sound(place, wanted):
            _put(place, sources)
            _forget(host_state, place)
        loader.hold(place)
    return place


def _must_be_ours(trees: str) -> None:
    try:
        loader.must_be_ours(trees)
    except PermissionError as error:
        what = "%s is no place for a program that root runs" % trees
        why = "%s: %s" % (error.filename, error.strerror)
        mend = "chown root: {0} && chmod go-w {0}".format(error.filename)
        raise Failed(what, why, next="on the host: " + mend) from None


def _put(place: str, sources: dict[str, bytes]) -> None:
    """Write an agent beside, whole, compiled and safe from a power cut, and give it its name."""
    draft = place + DRAFT
    try:
        disk.remove_tree(draft)
        os.mkdir(draft, 0o700)
        _write(draft, sources)
        disk.sync_tree(draft)
        if not _taken_away(place):
            what = "%s was altered, and a run that began with it goes on" % place
            raise Failed(what, next="run the same command again when it has ended")
        disk.rename(draft, place)
    finally:
        disk.remove_tree(draft)


def _write(draft: str, sources: dict[str, bytes]) -> None:
    for path in sorted(set(loader.packages(sources))):
        os.mkdir(os.path.join(draft, PACKAGE, path))
        _write_file(os.path.join(draft, PACKAGE, path, "__init__.py"), b"")
    for path, text in sources.items():
        _write_file(os.path.join(draft, PACKAGE, path + ".py"), text)
    _write_file(os.path.join(draft, "__main__.py"), START.encode("ascii"))
    _compile(draft)
    _write_file(os.path.join(draft, SEAL), loader.seal(dict(loader.contents(draft))))


def _write_file(path: str, data: bytes) -> None:
    with open(path, "xb") as file:
        file.write(data)


def _compile(directory: str) -> None:
    """Compile it for this Python; what is sealed needs no look at the times of its sources."""
    import compileall  # slow to import, and seldom needed
    from py_compile import PycInvalidationMode

    mode = PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(directory, quiet=2, invalidation_mode=mode)


def _forget(host_state: str, latest: str) -> None:
    """Take away what was cut off, and the oldest versions that nothing runs from or will."""
    trees = os.path.join(host_state, TREES)
    found = [os.path.join(trees, name) for name in os.listdir(trees)]
    for path in found:
        if path.endswith(DRAFT):
            disk.remove_tree(path)
    begun = {os.path.realpath(link) for link in glob.glob(os.path.join(host_state, BEGUN))}
    versions = [path for path in found if os.path.isdir(path) and not path.endswith(DRAFT)]
    for path in sorted(versions, key=os.path.getmtime, reverse=True)[NEWEST:]:
        if path != latest and os.path.realpath(path) not in begun:
            _taken_away(path)


def _taken_away(path: str) -> bool:
    """Remove an agent, in its place: directories cannot be renamed everywhere (overlayfs).

    Gives False for one that somebody runs from, which stays.
    """
    with _alone(path) as alone:
        if alone:
            disk.remove_tree(path)
        return alone


@contextlib.contextmanager
def _alone(place: str) -> Iterator[bool]:
    """Tell whether nobody runs from an agent; meanwhile nobody begins to (see loader.hold)."""
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:  # no directory: nobody's
        yield True
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


def _sources() -> dict[str, bytes]:
    """Give the agent's modules as they came, by path without .py."""
    found: dict[str, str] = loader.__spec__.loader.sources  # type: ignore[union-attr]
    return {path: text.encode("utf-8") for path, text in found.items()}
