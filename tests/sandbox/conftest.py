"""A state directory of its own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.state import Lab


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    root = tmp_path / "lab"
    monkeypatch.setenv("FLASKWRIGHT_SANDBOX", str(root))
    made = Lab(root)
    made.make()
    return made
