"""The user that builds what an app requires: code of strangers, run without any rights."""

from __future__ import annotations

import errno
import os

from ..engine import activity, refusal
from ..engine.errors import Failed
from ..system import disk
from ..system.owners import chown_tree, gid, uid
from ..system.transient_unit import TransientUnit
from . import build_sandbox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.output import Output
    from ..engine.run import Run


FULL = os.strerror(errno.ENOSPC)


class Builder:
    """Builds of the run's app, by a `user` of its own, each with a home that is new.

    What pip has fetched and built stays for the next one. Who only ends what builds needs no user.
    `sees` is what of the app it may read besides, `variables` are for its environment.
    """

    def __init__(self, run: Run, user: str = "") -> None:
        self.run = run
        self.user = user
        self.sees: tuple[str, ...] = ()
        self.variables: dict[str, str] = {}
        self.place = run.place.cache
        self.home, self.temporary = (os.path.join(self.place, name) for name in ("home", "tmp"))
        self.unit = run.place.unit("build") + ".service"

    def command(
        self,
        argv: list[str],
        trees: list[str],
        cwd: str = "/",
        check: bool = True,
        name: str = "",
    ) -> Output:
        """Run a program that may write below `trees`; `name` is what a failure calls it.

        Raises Failed when it says that the disk is full.
        """
        self._make_home()
        environment = {
            "HOME": self.home,
            "PIP_CACHE_DIR": os.path.join(self.place, "pip"),
            "TMPDIR": self.temporary,  # /tmp may be memory, too little to compile in
            **self.variables,
        }
        unit = TransientUnit(self.run, self.unit, self._properties(trees))
        called, silence = name or activity.called(argv), self.run.silence
        output = unit.command(
            argv, progress=True, env=environment, cwd=cwd, silence=silence, name=called
        )
        self._must_have_room(output)
        if output.status != 0 and check:
            what = "%s: %s" % (name or output.name, output.ending)
            raise Failed(what, log=output.tail())
        return output

    def _must_have_room(self, output: Output) -> None:
        if output.status != 0 and any(FULL in line for line in output.lines):
            full = OSError(errno.ENOSPC, FULL)
            raise refusal.failure(self.run.current, full, self.run.place.root, self.place)

    def adopt(self, path: str) -> None:
        """Make the builder's user the owner of everything below a path."""
        chown_tree(path, self.user, self.user)

    def end(self) -> None:
        """End everything that still builds, and remove what it left aside."""
        TransientUnit(self.run, self.unit, ()).end()
        for path in (self.home, self.temporary):
            disk.remove_tree(path)

    def _properties(self, trees: list[str]) -> list[str]:
        user, group = uid(self.user), gid(self.user)
        binds = ["BindPaths=" + path for path in (self.place, *trees)]
        binds += ["BindReadOnlyPaths=" + path for path in self.sees]
        return ["User=%d" % user, "Group=%d" % group, *build_sandbox.PROPERTIES, *binds]

    def _make_home(self) -> None:
        """Make what it needs; what another user has made there, nobody believes any more."""
        status = disk.lstat(self.place)
        if status and status.st_uid != uid(self.user):
            disk.remove_tree(self.place)
        for path in (self.place, self.home, self.temporary):
            os.makedirs(path, 0o755, exist_ok=True)
            os.chown(path, uid(self.user), gid(self.user), follow_symlinks=False)
