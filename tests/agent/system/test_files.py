from pathlib import Path
from typing import Any

import pytest

from flaskwright.agent.engine.run import Run
from flaskwright.agent.system import originals

from ..support import ME, MINE, fields, file_fields, names, result

OURS = "# Flaskwright made this file\n"


def states(run: Run, resource: dict[str, Any]) -> list[str]:
    return [result(run, resource)["state"] for _ in range(2)]


def directory(path: Path, mode: int = 0o755) -> dict[str, Any]:
    return fields("directory", path=str(path), owner=ME, group=MINE, mode=mode)


def link(path: Path, target: str) -> dict[str, Any]:
    return fields("link", path=str(path), target=target, check=None)


class TestFile:
    def test_is_written_once(self, run: Run, tmp_path: Path) -> None:
        resource = file_fields(tmp_path / "a", OURS, 0o600)
        assert states(run, resource) == ["changed", "ok"]
        assert (tmp_path / "a").read_text() == OURS

    def test_shows_a_unified_diff_and_changes_nothing_in_a_dry_run(
        self, dry_run: Run, tmp_path: Path
    ) -> None:
        path = tmp_path / "a"
        path.write_text(OURS + "old\n")
        path.chmod(0o600)
        found = result(dry_run, file_fields(path, OURS + "new\n"))
        assert found["state"] == "would change"
        assert found["diff"][0] == "mode: 0600 -> 0644"
        assert found["diff"][-2:] == ["-old", "+new"]
        assert path.read_text() == OURS + "old\n"

    def test_keeps_the_file_of_somebody_else_once(self, run: Run, tmp_path: Path) -> None:
        path, before = tmp_path / "a", tmp_path / "a.before"
        path.write_text("theirs")
        path.chmod(0o640)
        found = result(run, file_fields(path, OURS))
        assert found["note"] == f"keeps what was there as {before}"
        assert before.read_text() == "theirs"
        assert before.stat().st_mode & 0o777 == 0o640
        result(run, file_fields(path, OURS + "next\n"))
        assert names(tmp_path) == ["a", "a.before"]

    def test_keeps_what_came_later_too(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "a"
        for content in ("theirs", "theirs", "theirs again"):
            path.write_text(content)
            result(run, file_fields(path, OURS))
        assert names(tmp_path) == ["a", "a.before", "a.before.2"]
        assert (tmp_path / "a.before.2").read_text() == "theirs again"

    def test_mode_alone_does_not_count_as_content(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_text("the same")
        path.chmod(0o600)
        found = result(run, file_fields(path, "the same"))
        assert (found["state"], found["diff"]) == ("changed", ["mode: 0600 -> 0644"])
        assert names(tmp_path) == ["a"]

    def test_takes_the_place_of_a_link(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to("elsewhere")
        found = result(run, file_fields(tmp_path / "a", OURS))
        assert (found["state"], found["note"]) == ("changed", "was a link to elsewhere")

    def test_does_not_take_the_place_of_a_directory(self, run: Run, tmp_path: Path) -> None:
        found = result(run, file_fields(tmp_path, OURS))
        assert (found["state"], found["what"]) == ("failed", f"{tmp_path} is a directory")

    def test_bytes_that_are_no_text_differ(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"\xff\xfe")
        assert states(run, file_fields(tmp_path / "a", "\ufffd\ufffd")) == ["changed", "ok"]


class TestDirectory:
    def test_is_made_once(self, run: Run, tmp_path: Path) -> None:
        assert states(run, directory(tmp_path / "a" / "b", 0o2750)) == ["changed", "ok"]
        assert (tmp_path / "a" / "b").stat().st_mode & 0o7777 == 0o2750

    def test_changes_only_what_differs(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir(0o700)
        (tmp_path / "a" / "file").touch()
        assert result(run, directory(tmp_path / "a"))["diff"] == ["mode: 0700 -> 0755"]
        assert (tmp_path / "a" / "file").exists()

    def test_may_be_behind_a_link(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "disk").mkdir(0o755)
        (tmp_path / "a").symlink_to("disk")
        assert states(run, directory(tmp_path / "a")) == ["ok", "ok"]

    def test_a_file_in_its_place_is_a_failure(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "a").touch()
        assert result(run, directory(tmp_path / "a"))["what"].endswith("is not a directory")

    def test_in_a_dry_run_nothing_is_made(self, dry_run: Run, tmp_path: Path) -> None:
        found = result(dry_run, directory(tmp_path / "a"))
        assert found["diff"] == [f"make it, {ME}:{MINE} 0755"]
        assert names(tmp_path) == []


class TestLink:
    def test_is_made_once(self, run: Run, tmp_path: Path) -> None:
        assert states(run, link(tmp_path / "a", "../to/nowhere")) == ["changed", "ok"]

    def test_another_link_is_replaced_and_told(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to("old")
        assert result(run, link(tmp_path / "a", "new"))["diff"] == ["link to new (was old)"]

    def test_a_file_of_somebody_else_is_kept(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("theirs")
        found = result(run, link(tmp_path / "a", "new"))
        assert found["note"].endswith("a.before")
        assert (tmp_path / "a.before").read_text() == "theirs"

    def test_a_directory_is_left_alone(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        assert result(run, link(tmp_path / "a", "new"))["state"] == "failed"


class TestAbsent:
    def test_moves_the_file_of_somebody_else_aside(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("theirs")
        resource = fields("absent", path=str(tmp_path / "a"), check=None)
        assert states(run, resource) == ["changed", "ok"]
        assert names(tmp_path) == ["a.before"]

    def test_moves_a_directory_aside_with_all_in_it(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "b").touch()
        assert states(run, fields("absent", path=str(tmp_path / "a"), check=None)) == [
            "changed",
            "ok",
        ]
        assert (tmp_path / "a.before" / "b").exists()

    @pytest.mark.parametrize("ours", [True, False])
    def test_removes_links_and_what_is_ours(self, run: Run, tmp_path: Path, ours: bool) -> None:
        if ours:
            (tmp_path / "a").write_text(OURS)
        else:
            (tmp_path / "a").symlink_to("nowhere")
        assert states(run, fields("absent", path=str(tmp_path / "a"), check=None)) == [
            "changed",
            "ok",
        ]
        assert names(tmp_path) == []


def test_what_nginx_would_include_is_kept_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enabled, available = tmp_path / "sites-enabled", tmp_path / "sites-available"
    enabled.mkdir()
    available.mkdir()
    monkeypatch.setattr(originals, "INCLUDED", {str(enabled): str(available)})
    (enabled / "default").write_text("theirs")
    assert originals.place(str(enabled / "default")) == str(available / "default.before")


@pytest.mark.parametrize(
    ("data", "ours"),
    [
        (b"#!/bin/sh\n# Made by Flaskwright\n", True),
        (b"one\ntwo\nthree\nFlaskwright", False),
        (b"", False),
        (b"\xff\n", False),
    ],
)
def test_a_file_of_ours_says_so_at_its_top(data: bytes, ours: bool) -> None:
    assert originals.is_ours(data) is ours
