"""The user that installs what an app requires: code of strangers, run without any rights."""

from __future__ import annotations

import errno
import os
import shutil

from . import space
from .handler import Failed
from .owners import chown_tree, gid, uid
from .processes import adopt_orphans, end_processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .command import Output
    from .run import Run

USER = "flaskwright"
CACHE = "/var/cache/flaskwright"
FULL = os.strerror(errno.ENOSPC)


class Builder:
    """Runs programs as the user that builds, with a home and a cache for each app."""

    def __init__(self, run: Run, app_root: str) -> None:
        self.run = run
        self.app_root = app_root
        self.home = os.path.join(CACHE, os.path.basename(app_root))
        self.temporary = os.path.join(self.home, "tmp")

    def command(
        self, argv: list[str], cwd: str | None = None, check: bool = True, progress: bool = True
    ) -> Output:
        """Run a program as the builder; raises Failed when it says that the disk is full."""
        self._make_home()
        adopt_orphans()
        environment = {
            "HOME": self.home,
            "PIP_CACHE_DIR": os.path.join(self.home, "pip"),
            "TMPDIR": self.temporary,  # /tmp may be memory, too little to compile in
        }
        output = self.run.command(
            argv, user=USER, env=environment, cwd=cwd, check=False, progress=progress
        )
        if output.status != 0 and any(FULL in line for line in output.lines):
            full = OSError(errno.ENOSPC, FULL)
            raise space.failure(self.run.current, full, self.app_root, self.home)
        if output.status != 0 and check:
            raise Failed("%s: exit status %d" % (output.name, output.status), log=output.tail())
        return output

    def adopt(self, path: str) -> None:
        """Give a tree to the builder."""
        chown_tree(path, USER, USER)

    def end(self) -> None:
        """End everything that still runs as the builder, and remove what it left aside."""
        end_processes(uid(USER))
        remove_tree(self.temporary)

    def hand_over(self, path: str) -> None:
        """Give a tree to root, after the end: whoever built it cannot change it any more.

        Giving a program away takes its set-user-id bit (chown(2)).
        """
        chown_tree(path, os.geteuid(), os.getegid())

    def _make_home(self) -> None:
        for path in (self.home, self.temporary):
            os.makedirs(path, 0o755, exist_ok=True)
            os.chown(path, uid(USER), gid(USER), follow_symlinks=False)


def remove_tree(path: str) -> None:
    """Remove what is at a path: a directory with all below, a file, a link, or nothing."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)
