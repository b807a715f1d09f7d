"""What outlives a release: links in its code to the one directory that the app may write.

What the repository has in its place is the first content, file by file, and stays in the release
as `seed`. That directory is the app's, so all in it is done as the app's user, in a sandbox: no
link that the app has laid there is ever followed with more rights than its own.
"""

from __future__ import annotations

import os
import shlex

from ..app.manifest import checksums
from ..engine.errors import Failed
from ..system.owners import gid, uid
from ..system.transient_unit import TransientUnit
from ..venvs.build_sandbox import PROPERTIES
from .code import is_within
from .command_unit import SEED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..engine.run import Run


SHOWN = 3  # files that are named
# Makes the directories among its words, and copies what is not there yet.
COPY = """
set -e; cd "$1"; shared=$2; shift 2
for name; do
    target=$shared/$name
    case $name in */) mkdir -p "$target"; continue;; esac
    if [ -e "$target" ] || [ -L "$target" ]; then continue; fi
    mkdir -p "${target%/*}"; rm -rf "$target.part"
    cp -R -T "./$name" "$target.part"; mv -T "$target.part" "$target"
done
"""


class Shared:
    """What the app's user may write, for a release that is made in `release`.

    before: the manifest of the live release, which says what was there to be copied so far.
    """

    def __init__(self, run: Run, release: str, before: dict[str, Any]) -> None:
        self.run = run
        self.app, self.root = run.place.name, run.place.shared
        self.release = release
        self.seed = os.path.join(release, SEED)
        self.known = _below(SEED, before.get("files", {}))
        self.before: list[str] | None = before.get("shared")

    def link(self, code: str, paths: Iterable[str]) -> None:
        """Replace each of `paths` below `code` by a link to its place here; tells what stays."""
        wanted: list[str] = []
        stay: list[str] = []
        for path in _outermost(paths):
            place, name = os.path.join(code, path.rstrip("/")), path.rstrip("/")
            self._must_be_within(code, place)
            is_file = _is_file(place, path)
            self._keep(place, name)
            if not os.path.lexists(os.path.join(self.root, name)):
                wanted += [name] if os.path.lexists(os.path.join(self.seed, name)) else []
                wanted += [os.path.dirname(name) + "/" if is_file else name + "/"]
            else:
                new, changed = self._since_then(path, name)
                wanted, stay = wanted + new, stay + changed
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.symlink(os.path.join(self.root, name), place)
        self._copy(wanted)
        self._tell(stay, os.path.relpath(self.seed, code))

    def _keep(self, place: str, name: str) -> None:
        """Move what the repository has to where it is no code any more."""
        if os.path.lexists(place):
            kept = os.path.join(self.seed, name)
            os.makedirs(os.path.dirname(kept), exist_ok=True)
            os.rename(place, kept)

    def _since_then(self, path: str, name: str) -> tuple[list[str], list[str]]:
        """Give what is to be copied now, and what differs from the last time and is there.

        What the app has removed since it was copied stays away. A release of an earlier version
        does not say what it had.
        """
        if self.before is None:
            return [], []
        here = self._seeds(name)
        known = {one: self.known.get(one) for one in here}
        lacks = [one for one in here if not os.path.lexists(os.path.join(self.root, one))]
        new = [one for one in lacks if known[one] is None]
        was_shared = path in self.before
        changed = [one for one in here if known[one] != here[one] and was_shared]
        return new, [one for one in changed if one not in lacks]

    def _seeds(self, name: str) -> dict[str, str]:
        found = {SEED + "/" + one: what for one, what in checksums(self.seed).items()}
        return {one: what for one, what in _below(SEED, found).items() if is_within(name, one)}

    def _copy(self, names: list[str]) -> None:
        """Copy as the app's user, who sees nothing but the release and this."""
        if not names:
            return
        user, group = uid(self.app), gid(self.app)
        binds = ["BindReadOnlyPaths=" + self.release, "BindPaths=" + self.root]
        properties = ["User=%d" % user, "Group=%d" % group, *PROPERTIES, *binds]
        os.makedirs(self.seed, exist_ok=True)
        unit = TransientUnit(self.run, self.run.place.unit(SEED) + ".service", properties)
        output = unit.command(["/bin/sh", "-c", COPY, "sh", self.seed, self.root, *names])
        if output.status != 0:
            what = "the first content of what is shared cannot be copied: %s" % output.ending
            raise Failed(what, log=output.tail())

    def _tell(self, names: list[str], seed: str) -> None:
        if not names:
            return
        shown = ", ".join(names[:SHOWN])
        more = " and %d more" % (len(names) - SHOWN) if len(names) > SHOWN else ""
        take = "cp %s %s" % (shlex.quote(os.path.join(seed, names[0])), shlex.quote(names[0]))
        stays = "the shared one stays as it is" if len(names) == 1 else "the shared ones stay"
        told = '%s%s: changed in this commit; %s; to take it: ./fab run "%s"'
        self.run.notice(told % (shown, more, stays, take))

    def _must_be_within(self, code: str, place: str) -> None:
        if not is_within(os.path.realpath(code), os.path.realpath(os.path.dirname(place))):
            raise Failed("shared: %s is outside of the app's code" % place)


def _below(top: str, files: dict[str, str]) -> dict[str, str]:
    start = top + "/"
    return {path[len(start) :]: what for path, what in files.items() if path.startswith(start)}


def _is_file(place: str, path: str) -> bool:
    """Tell a file from a directory: by what the repository has there, else by the name."""
    if os.path.lexists(place):
        return not os.path.isdir(place)
    return not path.endswith("/") and "." in os.path.basename(path)


def _outermost(paths: Iterable[str]) -> list[str]:
    """Give the paths that are not below another one of them."""
    kept: list[str] = []
    for path in sorted(paths):
        if not any(is_within(other.rstrip("/"), path.rstrip("/")) for other in kept):
            kept.append(path)
    return kept
