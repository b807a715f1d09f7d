"""The project itself installed into its release, without what it requires: that is in its venv.

It is built like requirements: by the app's user for builds, without rights, from a copy. The tools
of its build stay in the app's cache, which no other app sees, and no release.
"""

from __future__ import annotations

import os

from ..app.advice import Facts
from ..engine.errors import Failed
from ..git.commits import Commits
from ..system import disk
from ..system.seal import seal
from ..venvs import pip_errors
from ..venvs.builder import Builder
from ..venvs.declared import READ_TOML
from ..venvs.notes import VenvMarks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.run import Run
    from ..venvs.project import Project


PREFIX = "project"  # in a release
# What asks git's tags for a version: they are not on the host.
VERSIONED = ("SETUPTOOLS_SCM_PRETEND_VERSION", "PDM_BUILD_SCM_VERSION", "PBR_VERSION")
AGAIN = "building it with all that its build asks for"
# Installs what is in the current directory into a prefix. What it is built with is fetched once;
# where that will not do, pip gets all that the build asks for, as for anybody.
INSTALL = (
    READ_TOML
    + """
import hashlib, os, shutil, subprocess
prefix, cache = sys.argv[1:]
pip = [sys.executable, "-I", "-m", "pip", "--no-input", "--disable-pip-version-check", "install"]
pip += ["--progress-bar=off", "--no-warn-script-location"]
install = [*pip, "--no-deps", "--ignore-installed", "--prefix", prefix, "."]
system = {}
if os.path.exists("pyproject.toml"):
    with open("pyproject.toml", encoding="utf-8") as file:
        system = toml.loads(file.read()).get("build-system", {})
elif not os.path.exists("setup.py"):
    with open("setup.py", "w") as file:
        file.write("from setuptools import setup\\nsetup()\\n")
needed = [str(one) for one in system.get("requires", ["setuptools"])]
needed += ["wheel"] if "setuptools" in system.get("build-backend", "setuptools") else []
tools = os.path.join(cache, hashlib.sha256(repr((sys.version, needed)).encode()).hexdigest()[:16])
def works(argv, **env):
    env, none = {**os.environ, **env}, subprocess.DEVNULL
    return not subprocess.run(argv, stdin=none, stderr=subprocess.STDOUT, env=env).returncode
if needed and not os.path.isdir(tools):
    print("fetching what the project is built with: " + ", ".join(needed), flush=True)
    shutil.rmtree(cache, ignore_errors=True)
    if works([*pip, "--target", tools + ".new", *needed]):
        os.rename(tools + ".new", tools)
print("installing the project itself", flush=True)
alone = [*install, "--no-index", "--no-build-isolation"]
if (not needed or os.path.isdir(tools)) and works(alone, PYTHONPATH=tools):
    sys.exit()
print("%s", flush=True)
sys.exit(not works(install))
"""
    % AGAIN
)


class Installation:
    """The installation in a release that is made at `path`, by the user `builder`."""

    def __init__(self, run: Run, builder: str, path: str) -> None:
        self.run = run
        self.build = Builder(run, builder)
        self.prefix = os.path.join(path, PREFIX)
        self.source = path + ".source"

    def make(self, project: Project, commit: str, venv: str) -> None:
        """Install the project of that commit for the environment `venv`; raises Failed.

        Flask has a package that is installed keep its data in `var` of its prefix: here that is
        what outlives the release.
        """
        try:
            self._make(project, commit, venv)
        except BaseException:
            self.build.end()
            disk.remove_tree(self.prefix)
            raise
        finally:
            disk.remove_tree(self.source)
        data = os.path.join(self.prefix, "var")
        if not os.path.lexists(data):
            os.symlink(self.run.place.shared, data)

    def _make(self, project: Project, commit: str, venv: str) -> None:
        for tree in (self.prefix, self.source):
            disk.remove_tree(tree)
            os.mkdir(tree)
        Commits(self.run).check_out(commit, self.source)
        for tree in (self.prefix, self.source):
            self.build.adopt(tree)
        python = os.path.join(self.run.place.venv(venv), "bin", "python")
        tools = os.path.join(self.build.place, "tools")
        self.build.sees = (self.run.place.venv(venv),)
        self.build.variables = dict.fromkeys(VERSIONED, "0+g" + commit[:7])
        argv = [python, "-I", "-c", INSTALL, self.prefix, tools]
        place = os.path.join(self.source, project.directory)
        output = self.build.command(argv, [self.prefix, self.source], cwd=place, check=False)
        if output.status != 0:
            raise self._failed(output.lines, venv)
        self.build.end()
        seal(self.prefix)

    def _failed(self, lines: list[str], venv: str) -> Failed:
        made_with = VenvMarks(self.run.place).summary(venv)
        python = " ".join(made_with.get("version", "Python").split()[:2])
        lines = lines[lines.index(AGAIN) + 1 :] if AGAIN in lines else lines
        told = pip_errors.explained(lines, Facts(python=python))
        return Failed(told.said, told.why, told.log, told.next)
