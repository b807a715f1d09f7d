"""What Python makes of a release's code before anything imports it, compiled without rights."""

from __future__ import annotations

import os

from ..system.owners import gid, uid
from ..system.seal import seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.run import Run


CACHE = "__pycache__"
MEMORY = 1 << 30  # bytes; a source file can ask for more than a host has
SECONDS = 120
# Compiles as an import does. `-m compileall` takes three times as long, most of it its own start.
COMPILE = """
import os, sys
from importlib.machinery import SourceFileLoader
for directory, _, names in os.walk(sys.argv[1]):
    for name in names:
        if name.endswith(".py"):
            try:
                SourceFileLoader(name, os.path.join(directory, name)).get_code(name)
            except Exception:
                pass
"""


def compile_code(run: Run, python: str, user: str, code: str) -> None:
    """Compile all below `code` as `user`, who gets nothing else to write than the caches.

    None of them may be there before. What cannot be compiled the app may not need.
    """
    caches = [os.path.join(directory, CACHE) for directory in _with_sources(code)]
    for cache in caches:
        os.mkdir(cache, 0o755)
        os.chown(cache, uid(user), gid(user))
    bound = ["prlimit", "--as=%d" % MEMORY, "--cpu=%d" % SECONDS]
    argv = [*bound, python, "-I", "-c", COMPILE, code]
    run.command(argv, user=user, check=False, timeout=2 * SECONDS)
    for cache in caches:
        seal(cache)


def _with_sources(code: str) -> Iterator[str]:
    for directory, _, names in os.walk(code):
        if any(name.endswith(".py") for name in names):
            yield directory
