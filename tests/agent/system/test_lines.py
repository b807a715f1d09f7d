from pathlib import Path
from typing import Any

import pytest

from flaskwright.agent.engine.run import Run

from ..support import fields, names, result

NGINX = "user www-data;\nevents {\n\tworker_connections 768;\n\t# multi_accept on;\n}\n"


def multi_accept(path: Path) -> dict[str, Any]:
    return fields(
        "line",
        path=str(path),
        pattern=r"^\s*#?\s*multi_accept\s+\w+\s*;",
        line="\tmulti_accept on;",
        after=r"^\s*events\s*\{",
        check=None,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "nginx.conf"


def test_a_line_that_is_commented_out_becomes_the_line(run: Run, path: Path) -> None:
    path.write_text(NGINX)
    path.chmod(0o640)
    found = result(run, multi_accept(path))
    assert found["note"] == f"keeps what was there as {path}.before"
    assert path.read_text() == NGINX.replace("# multi_accept on", "multi_accept on")
    assert path.stat().st_mode & 0o777 == 0o640
    assert result(run, multi_accept(path))["state"] == "ok"


def test_without_a_match_it_follows_another_line(run: Run, path: Path) -> None:
    path.write_text("events {\n}\n")
    result(run, multi_accept(path))
    assert path.read_text() == "events {\n\tmulti_accept on;\n}\n"


def test_the_original_is_kept_once(run: Run, path: Path) -> None:
    path.write_text(NGINX)
    result(run, multi_accept(path))
    path.write_text(path.read_text().replace("multi_accept on", "multi_accept off"))
    assert result(run, multi_accept(path))["note"] == ""
    assert names(path.parent) == ["nginx.conf", "nginx.conf.before"]
    assert (path.parent / "nginx.conf.before").read_text() == NGINX


def test_other_bytes_stay_as_they_are(run: Run, path: Path) -> None:
    path.write_bytes(b"# caf\xe9 \x0c\r\nevents {\r\n}")
    result(run, multi_accept(path))
    assert path.read_bytes() == b"# caf\xe9 \x0c\r\nevents {\r\n\tmulti_accept on;\n}\n"


def test_the_file_behind_a_link_changes(run: Run, path: Path) -> None:
    real = path.with_name("real.conf")
    real.write_text(NGINX)
    path.symlink_to(real)
    assert result(run, multi_accept(path))["state"] == "changed"
    assert path.is_symlink()
    assert "\tmulti_accept on;\n" in real.read_text()
    assert path.with_name("real.conf.before").read_text() == NGINX


def test_no_place_for_it_is_a_failure(run: Run, path: Path) -> None:
    path.write_text("nothing of the kind\n")
    found = result(run, multi_accept(path))
    assert (found["state"], found["log"]) == ("failed", ["multi_accept on;"])
    assert found["what"] == f"{path} has no place for the line"


def test_a_file_that_is_not_there(run: Run, dry_run: Run, path: Path) -> None:
    assert result(run, multi_accept(path))["state"] == "failed"
    found = result(dry_run, multi_accept(path))
    assert (found["state"], found["note"]) == ("would run", f"after the file {path}")
