"""Imports the agent from memory, or from the disk where the same one lies there, compiled already.

Stage one, a line of Python on the operator's command line, executes this source by itself and
calls `run` with all sources (module name -> source, the package's own as `__init__`) and a plan.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import stat
import sys
from importlib.machinery import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType
    from typing import Any

KEPT = "/var/lib/flaskwright/*/agent/"  # where transactions leave theirs, by `digest`


class Sources:
    """A finder and loader of one flat package whose sources are in a dictionary."""

    def __init__(self, package: str, sources: dict[str, str]) -> None:
        self.package = package
        self.sources = sources

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of the package; others are left to the other finders."""
        module = self._module(name)
        if module not in self.sources:
            return None
        origin = "%s/%s.py" % (self.package, module)
        spec = ModuleSpec(name, self, origin=origin, is_package=name == self.package)  # type: ignore[arg-type]
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
        return self.sources[self._module(name)]

    def _module(self, name: str) -> str:
        if name == self.package:
            return "__init__"
        package, _, module = name.rpartition(".")
        return module if package == self.package else ""


def digest(sources: dict[str, str]) -> str:
    """Give the name of an agent with these sources."""
    return hashlib.sha256(json.dumps(sources, sort_keys=True).encode()).hexdigest()[:16]


def run(sources: dict[str, str], plan: dict[str, Any], package: str = "agent") -> None:
    """Run the agent with a plan to its end; exits with 1 and a traceback for a bug of ours."""
    kept = _kept(digest(sources))
    if kept:
        sys.path.insert(0, kept)
    else:
        sys.meta_path.insert(0, Sources(package, sources))
    try:
        main = __import__(package + ".main", fromlist=["main"])
        status = main.main(plan)
    except Exception:
        import traceback

        traceback.print_exc()
        status = 1
    sys.exit(status)


def _kept(name: str) -> str:
    """Give the directory of that agent; empty where there is none that only we may write."""
    for place in glob.glob(KEPT + name):
        status = os.lstat(place)
        ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
        if ours and not status.st_mode & 0o022:
            return place
    return ""
