"""What is known of an app's virtual environments: noted where no build can write.

An environment is `made` when it can be installed into, and `complete` when all is in it and it
belongs to root. What lies in the environment itself, its builds have had in their hands.
"""

from __future__ import annotations

import json
import os

from ..system import disk
from ..system.paths import make_directories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..common.place import Place


WITHIN = ".complete"  # where earlier versions noted it


class VenvMarks:
    """The marks of an app's environments, in its state."""

    def __init__(self, app: Place) -> None:
        self.app = app
        self.place = os.path.join(app.state, "venvs")

    def note(self, venv: str, **known: Any) -> None:
        """Note what is known of the environment with this hash."""
        make_directories(self.place, 0o700)
        disk.write(self._path(venv), json.dumps(known).encode("ascii"), mode=0o600)

    def forget(self, venv: str) -> None:
        """Remove what is noted of an environment, by its hash."""
        if os.path.isdir(self.place):
            disk.remove(self._path(venv))

    def is_made(self, venv: str) -> bool:
        """Tell whether an environment is made, so that pip can install into it."""
        return bool(self._known(venv)) and os.path.isdir(self.app.venv(venv))

    def summary(self, venv: str) -> dict[str, Any]:
        """Give `python`, `version`, `packages` of an environment; {} before it is complete."""
        known = self._known(venv) if self.is_made(venv) else {}
        return known if "packages" in known else {}

    def is_usable(self, venv: str) -> bool:
        """Tell whether releases that have it can run.

        One of an earlier version is complete when root has noted that within: enough to keep it,
        not to believe what is written there.
        """
        status = disk.lstat(os.path.join(self.app.venv(venv), WITHIN)) if venv else None
        within = status is not None and status.st_uid == os.geteuid()
        return within or bool(self.summary(venv))

    def _known(self, venv: str) -> dict[str, Any]:
        data = disk.read(self._path(venv)) if venv else None
        known: dict[str, Any] = json.loads(data.decode("ascii")) if data else {}
        return known

    def _path(self, venv: str) -> str:
        return os.path.join(self.place, venv + ".json")
