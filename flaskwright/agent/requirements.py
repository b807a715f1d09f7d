"""What an app requires, and gunicorn, installed by pip into its environment."""

from __future__ import annotations

import glob
import json
import os

from . import disk, piptrouble
from .building import remove_tree
from .commits import Commits
from .environment import COMPLETE, MADE, Environment
from .handler import Failed, handles
from .paths import make_directories
from .venv import OfEnvironment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State

PIP = ("-I", "-m", "pip", "--no-input", "--disable-pip-version-check")  # -I: not from the cwd
INSTALL = (*PIP, "install", "--progress-bar=off")
# tomllib is there from Python 3.11 on; before that, pip has one of the others in it.
READ_PROJECT = """
import json, sys
try:
    import tomllib as toml
except ImportError:
    try:
        from pip._vendor import tomli as toml
    except ImportError:
        try:
            from pip._vendor import toml
        except ImportError:
            import toml
with open(sys.argv[1], encoding="utf-8") as file:
    project = toml.loads(file.read()).get("project", {})
static = project and "dependencies" not in project.get("dynamic", [])
print(json.dumps(project.get("dependencies", []) if static else ["."]))
"""


@handles("requirements")
class Requirements(OfEnvironment):
    """An environment with everything in it, which from then on belongs to root."""

    def actual(self) -> State:
        """The hash, when everything is installed."""
        environment = self.environment
        return {"environment": environment.hash if environment.is_complete() else None}

    def fix(self, differing: list[str]) -> None:
        """Install; what does not succeed leaves no environment behind."""
        environment = self.environment
        self.builder.end()
        disk.remove(os.path.join(environment.path, MADE))
        try:
            self._install(environment)
            self._compile(environment)
        except BaseException:
            self.builder.end()
            remove_tree(environment.path)
            raise
        self._finish(environment)

    def note(self) -> str:
        """Say where the requirements are read from."""
        return self.environment.declared.entry or "no requirements found: Flask and gunicorn"

    def _install(self, environment: Environment) -> None:
        source = self._source(environment)
        found = environment.declared
        wanted = self._arguments(environment, source)
        alone = found.hashed or found.brings_gunicorn  # pip wants hashes of all, or of none
        self._pip(environment, wanted if alone else [*wanted, "gunicorn"], source)
        if "gunicorn" not in _packages(environment.path):
            self._pip(environment, ["gunicorn"], source)
        remove_tree(os.path.join(environment.path, ".source"))

    def _source(self, environment: Environment) -> str:
        """Write the files that say what is required, all of the code where that is installed too.

        Gives the directory to start pip in.
        """
        top, found = os.path.join(environment.path, ".source"), environment.declared
        os.mkdir(top)
        if found.code:
            repository = os.path.join(self.app_root, "repo.git")
            Commits(self.run, repository).check_out(environment.commit, top)
        for path, text in found.installable().items():
            place = os.path.join(top, path)
            make_directories(os.path.dirname(place))
            disk.write(place, text.encode())
        self.builder.adopt(top)
        return os.path.join(top, found.base)

    def _arguments(self, environment: Environment, source: str) -> list[str]:
        found = environment.declared
        if not found.entry:
            return ["flask"]
        entry = os.path.relpath(found.entry, found.base or ".")
        if not found.project:
            return ["-r", entry]
        read = [environment.python, "-I", "-c", READ_PROJECT, entry]
        output = self.builder.command(read, cwd=source, check=False, progress=False)
        if output.status != 0:
            raise Failed("%s cannot be read" % found.entry, log=output.tail(3))
        listed: list[str] = json.loads(output.out)
        return listed

    def _pip(self, environment: Environment, wanted: list[str], source: str) -> None:
        argv = [environment.python, *INSTALL, *wanted]
        output = self.builder.command(argv, cwd=source, check=False)
        if output.status != 0:
            raise piptrouble.explained(output, environment.interpreter.short)

    def _compile(self, environment: Environment) -> None:
        """Compile what pip did not; a file that cannot be is found out when it is imported."""
        library = os.path.join(environment.path, "lib")
        compileall = [environment.python, "-I", "-m", "compileall", "-q", library]
        self.builder.command(compileall, check=False)

    def _finish(self, environment: Environment) -> None:
        self.builder.end()
        disk.remove(os.path.join(environment.path, COMPLETE))  # what is there is not from us
        self.builder.hand_over(environment.path)
        disk.sync_tree(environment.path)
        summary = {
            "python": environment.interpreter.path,
            "version": environment.interpreter.version,
            "requirements": sorted(environment.declared.files),
            "packages": _packages(environment.path),
        }
        disk.write(os.path.join(environment.path, COMPLETE), json.dumps(summary).encode())


def _packages(environment: str) -> dict[str, str]:
    """Give what is installed in an environment, by name, as its metadata directories say."""
    packages = {}
    for directory in glob.glob(os.path.join(environment, "lib", "python*", "site-packages", "*")):
        name, _, version = os.path.basename(directory)[: -len(".dist-info")].partition("-")
        if directory.endswith(".dist-info"):
            packages[name.lower().replace("_", "-")] = version
    return packages
