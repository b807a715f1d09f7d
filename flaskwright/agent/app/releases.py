"""The releases of an app on this host: directories with a manifest, and `current` among them."""

from __future__ import annotations

import json
import os

from ..engine.errors import Failed, NotYet
from ..system import disk, originals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..common.place import Place
    from ..engine.run import Run

    Manifest = dict[str, Any]


MANIFEST = "manifest.json"  # written last: with it a release is whole


class Releases:
    """The releases of an app; a name that begins with a dot is one being made."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def path(self, release: str) -> str:
        """Give the directory of a release."""
        return self.place.release(release)

    def current(self) -> str:
        """Give the id that `current` names; empty where there is none."""
        release = os.path.basename(disk.link_target(self.place.current) or "")
        return release if os.path.isdir(self.path(release)) else ""

    def switch(self, release: str) -> None:
        """Make `current` name a release, or nothing; what is no link was somebody else's: kept."""
        target = "releases/" + release
        if disk.link_target(self.place.current) == target:
            return
        kept = originals.place(self.place.current)
        if kept is not None:
            disk.rename(self.place.current, kept)
        if release:
            disk.replace_link(self.place.current, target)
        else:
            disk.remove(self.place.current)

    def manifest(self, release: str) -> Manifest:
        """Give what a release says of itself; empty where it is not whole."""
        data = disk.read(os.path.join(self.path(release), MANIFEST)) if release else None
        manifest: Manifest = json.loads(data.decode("utf-8")) if data else {}
        return manifest

    def venvs(self) -> set[str]:
        """Give the hashes of the environments that releases run from."""
        return {self.manifest(release).get("venv", "") for release in self.ids()}

    def ids(self) -> list[str]:
        """Give all releases that are whole, newest first."""
        there = self.place.releases
        names = os.listdir(there) if os.path.isdir(there) else []
        whole = [name for name in names if os.path.exists(os.path.join(there, name, MANIFEST))]
        return sorted((name for name in whole if not name.startswith(".")), reverse=True)


def commit_of(run: Run) -> str:
    """Give the commit that this run is about: that of its repository, else the one that is live."""
    if run.about.commit is None:
        releases = Releases(run.place)
        run.about.commit = releases.manifest(releases.current()).get("commit", "")
        if not run.about.commit and not run.checking:
            raise Failed("%s has no release yet" % run.place.name, next="./fab deploy")
    if not run.about.commit:
        raise NotYet("the commit is on the host")
    return run.about.commit
