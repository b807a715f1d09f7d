"""The releases of an app on this host: directories with a manifest, and `current` among them."""

from __future__ import annotations

import json
import os

from ..engine.errors import Failed, NotYet
from ..system import disk, originals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..engine.run import Run

    Manifest = dict[str, Any]


MANIFEST = "manifest.json"  # written last: with it a release is whole


class Releases:
    """The releases below `app_root`; a name that begins with a dot is one being made."""

    def __init__(self, app_root: str) -> None:
        self.app_root = app_root
        self.current_link = os.path.join(app_root, "current")

    def path(self, release: str) -> str:
        """Give the directory of a release."""
        return os.path.join(self.app_root, "releases", release)

    def current(self) -> str:
        """Give the id that `current` names; empty where there is none."""
        release = os.path.basename(disk.link_target(self.current_link) or "")
        return release if os.path.isdir(self.path(release)) else ""

    def switch(self, release: str) -> None:
        """Make `current` name a release, or nothing; what is no link was somebody else's: kept."""
        target = "releases/" + release
        if disk.link_target(self.current_link) == target:
            return
        kept = originals.place(self.current_link)
        if kept is not None:
            disk.rename(self.current_link, kept)
        if release:
            disk.replace_link(self.current_link, target)
        else:
            disk.remove(self.current_link)

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
        place = self.path("")
        names = os.listdir(place) if os.path.isdir(place) else []
        whole = [name for name in names if os.path.exists(os.path.join(place, name, MANIFEST))]
        return sorted((name for name in whole if not name.startswith(".")), reverse=True)


def commit_of(run: Run, app_root: str) -> str:
    """Give the commit that this run is about: that of its repository, else the one that is live."""
    if "commit" not in run.facts:
        releases = Releases(app_root)
        run.facts["commit"] = releases.manifest(releases.current()).get("commit", "")
        if not run.facts["commit"] and not run.checking:
            raise Failed("%s has no release yet" % app_root, next="./fab deploy")
    if not run.facts["commit"]:
        raise NotYet("the commit is on the host")
    commit: str = run.facts["commit"]
    return commit
