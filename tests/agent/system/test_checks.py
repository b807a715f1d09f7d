import shutil
from pathlib import Path

import pytest

from flaskwright.agent.engine.run import Run

from ..support import file_fields, result

needs_visudo = pytest.mark.skipif(not Path("/usr/sbin/visudo").exists(), reason="no visudo here")
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")


@needs_visudo
def test_sudoers_that_visudo_refuses_never_take_their_place(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "app"
    found = result(run, file_fields(path, "root ALL=(ALL\n", check="visudo"))
    assert found["what"] == f"{path} was not changed"
    assert found["why"] == "visudo refuses it"
    assert found["log"][0].startswith((str(path), ">>> "))
    assert not path.exists()
    good = file_fields(path, "root ALL=(ALL) ALL\n", check="visudo")
    assert result(run, good)["state"] == "changed"


@needs_systemd
def test_a_unit_with_a_line_that_systemd_cannot_read(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "app.service"
    unit = "# Flaskwright\n[Service]\nExecStart=/bin/true\n"
    found = result(run, file_fields(path, unit + "Nice=much\n", check="systemd"))
    assert found["log"][0].startswith(f"{path}:4: ")
    assert not path.exists()
    newer = file_fields(path, unit + "KeyOfNextYear=1\n", check="systemd")
    assert result(run, newer)["state"] == "changed"
