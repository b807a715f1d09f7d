"""What an app requires, and gunicorn, installed by pip into its environment."""

from __future__ import annotations

import glob
import json
import os

from ..app.advice import Facts
from ..engine.errors import Failed
from ..engine.handler import handles
from ..git.commits import Commits
from ..system import disk
from ..system.paths import make_directories
from ..system.seal import seal
from . import pip_errors
from .declared import READ_TOML
from .gunicorn_version import PINS, is_too_old, too_old
from .project import name_in
from .venv import OfEnvironment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..engine.handler import State
    from ..engine.output import Output
    from .environment import Environment


PIP = ("-I", "-m", "pip", "--no-input", "--disable-pip-version-check")  # -I: not from the cwd
INSTALL = (*PIP, "install", "--progress-bar=off")
PINNED = ".flaskwright-%s.txt"
READ_PROJECT = (
    READ_TOML
    + """
import json
with open(sys.argv[1], encoding="utf-8") as file:
    project = toml.loads(file.read()).get("project", {})
static = project and "dependencies" not in project.get("dynamic", [])
print(json.dumps(project.get("dependencies", []) if static else ["."]))
"""
)


@handles("requirements")
class Requirements(OfEnvironment):
    """An environment with everything in it, which from then on belongs to root."""

    def actual(self) -> State:
        """Give the environment's hash once all requirements are installed in it, else None."""
        venv = self.environment.hash
        return {"environment": venv if self.marks.summary(venv) else None}

    def fix(self, differing: list[str]) -> None:
        """Install all requirements; raises Failed, and then no environment is left."""
        environment = self.environment
        self.build.end()
        self.marks.forget(environment.hash)
        try:
            self._install(environment)
            self._compile(environment)
            self._finish(environment)
        except BaseException:
            self.build.end()
            disk.remove_tree(environment.path)
            raise
        finally:
            disk.remove_tree(_source(environment))

    def note(self) -> str:
        """Say where the requirements are read from."""
        return self.environment.declared.entry or "no requirements found: Flask and gunicorn"

    def _install(self, environment: Environment) -> None:
        found, place = environment.declared, self._write_source(environment)
        wanted = self._arguments(environment, place)
        alone = found.hashed or found.brings_gunicorn  # pip wants hashes of all, or of none
        self._pip(environment, wanted if alone else [*wanted, found.gunicorn], place)
        if found.built and not found.code:  # what it requires is here for all; it comes apart
            name = name_in(found.entry_text)
            self._command(environment, [environment.python, *PIP, "uninstall", "--yes", name])
        version = _packages(environment.path).get("gunicorn", "")
        if version:
            if is_too_old(version):
                raise too_old("its requirements lead to gunicorn %s" % version)
            return
        if found.hashed:
            self._add_gunicorn(environment, place)
        else:  # listed, but not for this Python
            self._pip(environment, [found.gunicorn], place)

    def _add_gunicorn(self, environment: Environment, place: str) -> None:
        """Add gunicorn to a lock with hashes, pinned in the same way."""
        here = _packages(environment.path)
        missing = [PINNED % name for name in PINS if name not in here]
        files = [os.path.join(_source(environment), name) for name in missing]
        given = [word for path in files for word in ("-r", path)]
        self._pip(environment, ["--require-hashes", "--no-deps", *given], place)

    def _write_source(self, environment: Environment) -> str:
        """Write the files that say what is required, all of the code where that is installed too.

        Gives the directory to start pip in. Nobody but root was there before.
        """
        top, found = _source(environment), environment.declared
        disk.remove_tree(top)
        os.mkdir(top)
        if found.code or found.built:
            Commits(self.run).check_out(environment.commit, top)
        for path, text in found.installable().items():
            place = os.path.join(top, path)
            make_directories(os.path.dirname(place))
            disk.write(place, text.encode())
        for name, pin in PINS.items():
            disk.write(os.path.join(top, PINNED % name), pin.encode())
        self.build.adopt(top)
        return os.path.join(top, found.base)

    def _arguments(self, environment: Environment, place: str) -> list[str]:
        found = environment.declared
        if not found.entry:
            return ["flask"]
        entry = os.path.relpath(found.entry, found.base or ".")
        if not found.project:
            return ["-r", entry]
        read = [environment.python, "-I", "-c", READ_PROJECT, entry]
        output = self._command(environment, read, place)
        try:
            listed = json.loads(output.out) if output.status == 0 else None
        except ValueError:
            listed = None
        if not isinstance(listed, list):
            raise Failed("%s cannot be read" % found.entry, log=output.tail(3))
        return [str(one) for one in listed]

    def _pip(self, environment: Environment, wanted: list[str], place: str) -> None:
        output = self._command(environment, [environment.python, *INSTALL, *wanted], place)
        if output.status != 0:
            told = pip_errors.explained(output.lines, Facts(python=environment.interpreter.short))
            raise Failed(told.said, told.why, told.log, told.next)

    def _compile(self, environment: Environment) -> None:
        """Compile what pip did not; a file that cannot be is found out when it is imported."""
        library = os.path.join(environment.path, "lib")
        self._command(environment, [environment.python, "-I", "-m", "compileall", "-q", library])

    def _command(self, environment: Environment, argv: list[str], place: str = "/") -> Output:
        trees = [environment.path, _source(environment)]
        return self.build.command(argv, trees, cwd=place, check=False)

    def _finish(self, environment: Environment) -> None:
        """Make it root's, once nothing of its build runs any more, and only then note it."""
        self.build.end()
        interpreter = environment.interpreter
        seal(environment.path, may_leave=_leads_to(environment))
        disk.sync_tree(environment.path)
        self.marks.note(
            environment.hash,
            python=interpreter.path,
            version=interpreter.version,
            requirements=sorted(environment.declared.files),
            packages=_packages(environment.path),
        )


def _source(environment: Environment) -> str:
    """Give the directory beside an environment that is there while requirements are installed."""
    return environment.path + ".source"


def _leads_to(environment: Environment) -> Callable[[str, str], bool]:
    """Tell of a link out of the environment whether it is the one to its interpreter."""
    interpreter = environment.interpreter.path
    return lambda path, target: target in (interpreter, os.path.realpath(interpreter))


def _packages(environment: str) -> dict[str, str]:
    """Give what is installed in an environment, by name, as its metadata directories say."""
    packages = {}
    for directory in glob.glob(os.path.join(environment, "lib", "python*", "site-packages", "*")):
        name, _, version = os.path.basename(directory)[: -len(".dist-info")].partition("-")
        if directory.endswith(".dist-info"):
            packages[name.lower().replace("_", "-")] = version
    return packages
