"""A state directory for the throw-away hosts of one session: they meet nobody else's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import sandbox
from sandbox import requirements
from sandbox.commands import quiet
from sandbox.state import Lab, lab

VARIABLE = "FLASKWRIGHT_SANDBOX"


@contextmanager
def own_place(kind: str) -> Iterator[Path]:
    """Use a directory beside the usual one, with its images, and leave nothing of it.

    An image that is not there yet is made there by the first host that is to stand on it.
    """
    usual = lab().root
    with lab().lending_images(), pytest.MonkeyPatch.context() as patch:
        with lab().locked("programs"):
            requirements.install(quiet)
        _sweep(patch, usual, kind)
        place = usual.with_name(f"{usual.name}-{kind}-{os.getpid()}")
        patch.setenv(VARIABLE, str(place))
        place.mkdir()
        (place / "images").symlink_to(usual / "images")
        yield place
        sandbox.purge()


def _sweep(patch: pytest.MonkeyPatch, usual: Path, kind: str) -> None:
    """Remove what sessions left that somebody killed; one at a time does so."""
    with Lab(usual).locked("sweep"):
        for place in usual.parent.glob(f"{usual.name}-{kind}-*"):
            if not Path("/proc", place.name.rpartition("-")[2]).exists():
                patch.setenv(VARIABLE, str(place))
                sandbox.purge()
