"""Directories reached safely: no link is followed that a user without rights could have laid.

Only links of root, or of whoever runs this, count; so an app that owns `shared` cannot send us
elsewhere by a link within it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat

from ..engine.errors import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LINKS = 40  # as many as the kernel follows


@contextlib.contextmanager
def parent(path: str) -> Iterator[tuple[int, str]]:
    """Open the directory that holds `path`; gives its descriptor and the last name."""
    directory, name = os.path.split(path)
    with open_directory(directory) as descriptor:
        yield descriptor, name


@contextlib.contextmanager
def open_directory(path: str) -> Iterator[int]:
    """Open a directory by its absolute path, name by name; Failed at a link of somebody else."""
    walk = _Walk(path)
    try:
        yield walk.to_the_end()
    finally:
        os.close(walk.here)


def make_directories(path: str, mode: int = 0o755) -> None:
    """Make a directory, and those above it with mode 0755, where they are missing."""
    if not os.path.isdir(path):
        above, name = os.path.split(path)
        make_directories(above)
        with open_directory(above) as descriptor:
            os.mkdir(name, mode, dir_fd=descriptor)
            os.fsync(descriptor)


@contextlib.contextmanager
def opened(here: int, name: str) -> Iterator[int]:
    """Open the directory `name` of the directory `here`; OSError when it is anything else."""
    below = os.open(name, _DIRECTORY, dir_fd=here)
    try:
        yield below
    finally:
        os.close(below)


def remove_at(here: int, name: str, levels: int = 100) -> None:
    """Remove whatever is called `name` in the directory `here`, with all below; follows nothing."""
    if not levels:
        raise Failed("%s cannot be removed" % name, "it has too many directories in each other")
    try:
        os.unlink(name, dir_fd=here)
        return
    except IsADirectoryError:
        pass
    with opened(here, name) as below:
        for inner in os.listdir(below):
            remove_at(below, inner, levels - 1)
    os.rmdir(name, dir_fd=here)


class _Walk:
    """The way to a directory; `here` is the descriptor of the one reached."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.todo = _backwards(path)
        self.links = 0
        self.here = os.open("/", _DIRECTORY)

    def to_the_end(self) -> int:
        while self.todo:
            name = self.todo.pop()
            try:
                self._step(name)
            except OSError as error:
                if error.errno not in (errno.ELOOP, errno.ENOTDIR):
                    raise OSError(error.errno, error.strerror, self.path) from None
                self._follow(name)
        return self.here

    def _step(self, name: str) -> None:
        below = os.open(name, _DIRECTORY, dir_fd=self.here)
        os.close(self.here)
        self.here = below

    def _follow(self, name: str) -> None:
        target = self._target(name)
        self.links += 1
        if self.links > _LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), self.path)
        self.todo += _backwards(target)
        if target.startswith("/"):
            os.close(self.here)
            self.here = os.open("/", _DIRECTORY)

    def _target(self, name: str) -> str:
        link = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self.here)
        try:
            status = os.fstat(link)
            if not stat.S_ISLNK(status.st_mode):
                raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), self.path)
            if status.st_uid not in (0, os.geteuid()):
                why = "it passes the link %s, which user %d made" % (name, status.st_uid)
                raise Failed("%s is not used" % self.path, why)
            return os.readlink("", dir_fd=link)
        finally:
            os.close(link)


def _backwards(path: str) -> list[str]:
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]
