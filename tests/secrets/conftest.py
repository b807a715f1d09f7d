"""A state of its own for each test: what one was told is no other one's business."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest


@pytest.fixture(autouse=True)
def nothing_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have nothing remembered, in a directory that is not there yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "flaskwright" / "allowed.json"


@pytest.fixture(autouse=True)
def own_keyring() -> Iterator[None]:
    """Let a test set the keyring of this process, which is what it was afterwards."""
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)
