"""Virtual environments, made in place under the hash of what goes into them."""

from __future__ import annotations

import os

from . import disk
from .building import Builder, remove_tree
from .environment import MADE, Environment, Interpreter, environment_of
from .handler import Failed, Handler, handles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State


class OfEnvironment(Handler):
    """What venv and requirements share: which environment it is."""

    keys = ("environment",)
    detached = True
    app_root: str
    python: str
    directory: str
    requirements: str | None

    @property
    def environment(self) -> Environment:
        """The environment of this run's commit."""
        return environment_of(
            self.run, self.app_root, self.python, self.directory, self.requirements
        )

    @property
    def builder(self) -> Builder:
        """Who builds it."""
        return Builder(self.run, self.app_root)

    def wanted(self) -> State:
        """The hash, which is the name of its directory."""
        return {"environment": self.environment.hash}


@handles("venv")
class Venv(OfEnvironment):
    """An environment with pip in it; one that a build was broken off in is made anew."""

    def actual(self) -> State:
        """The hash, when it is there."""
        environment = self.environment
        return {"environment": environment.hash if environment.is_made() else None}

    def fix(self, differing: list[str]) -> None:
        """Make it (python -m venv), and pip in a step of its own, whose errors are told."""
        environment, builder = self.environment, self.builder
        self._must_make(environment.interpreter)
        builder.end()  # what an agent that was killed has left running
        remove_tree(environment.path)
        os.mkdir(environment.path, 0o755)
        try:
            builder.adopt(environment.path)
            python = environment.interpreter.path
            builder.command([python, "-I", "-m", "venv", "--without-pip", environment.path])
            builder.command([environment.python, "-I", "-m", "ensurepip", "--default-pip"])
            disk.write(os.path.join(environment.path, MADE), b"")
        except BaseException:
            builder.end()
            remove_tree(environment.path)
            raise

    def note(self) -> str:
        """Say what it is made with."""
        return self.environment.interpreter.short

    def _must_make(self, interpreter: Interpreter) -> None:
        probe = [interpreter.path, "-I", "-c", "import ensurepip, venv"]
        if self.run.command(probe, check=False).status != 0:
            raise Failed(
                "%s cannot make virtual environments" % interpreter.short,
                "its venv module is packaged apart",
                next="on the host: sudo apt-get install python3-venv (or %s-venv)"
                % os.path.basename(os.path.realpath(interpreter.path)),
            )
