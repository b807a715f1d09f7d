"""Virtual environments, made in place under the hash of what goes into them."""

from __future__ import annotations

import os

from ..engine.errors import Failed
from ..engine.handler import Handler, handles
from ..system.disk import remove_tree
from .builder import Builder
from .environment import Environment, Interpreter, environment_of
from .notes import VenvMarks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State


class OfEnvironment(Handler):
    """What venv and requirements share: which environment it is."""

    keys = ("environment",)
    detached = True
    builder: str
    python: str
    directory: str
    requirements: str | None

    @property
    def environment(self) -> Environment:
        """The environment of this run's commit."""
        return environment_of(self.run, self)

    @property
    def build(self) -> Builder:
        """The builder of the app's environments: a user of its own, and its sandbox."""
        return Builder(self.run, self.builder)

    @property
    def marks(self) -> VenvMarks:
        """What is known of it."""
        return VenvMarks(self.run.place)

    def wanted(self) -> State:
        """The hash, which is the name of its directory."""
        return {"environment": self.environment.hash}


@handles("venv")
class Venv(OfEnvironment):
    """An environment with pip in it; one that a build was broken off in is made anew."""

    def actual(self) -> State:
        """Give the environment's hash where it is noted as made, else None."""
        venv = self.environment.hash
        return {"environment": venv if self.marks.is_made(venv) else None}

    def fix(self, differing: list[str]) -> None:
        """Make the environment (python -m venv) with pip in it; raises Failed."""
        environment, build = self.environment, self.build
        self._must_make(environment.interpreter)
        build.end()  # what an agent that was killed has left running
        self.marks.forget(environment.hash)
        remove_tree(environment.path)
        os.mkdir(environment.path, 0o755)
        try:
            build.adopt(environment.path)
            build.command(_making(environment), [environment.path], name="python -m venv")
        except BaseException:
            build.end()
            remove_tree(environment.path)
            raise
        self.marks.note(environment.hash, made=True)

    def note(self) -> str:
        """Name the interpreter, such as `Python 3.11.2`."""
        return self.environment.interpreter.short

    def _must_make(self, interpreter: Interpreter) -> None:
        if interpreter.command("-c", "import ensurepip, venv", check=False).status != 0:
            raise Failed(
                "%s cannot make virtual environments" % interpreter.short,
                "its venv module is packaged apart",
                next="on the host: sudo apt-get install python3-venv (or %s-venv)"
                % os.path.basename(os.path.realpath(interpreter.path)),
            )


def _making(environment: Environment) -> list[str]:
    """Give one command for both: each start of a unit takes its time."""
    make = '"$1" -I -m venv --without-pip "$2" && "$2"/bin/python -I -m ensurepip --default-pip'
    return ["sh", "-c", make, "sh", environment.interpreter.path, environment.path]
