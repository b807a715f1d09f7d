import os
from pathlib import Path

import pytest

from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.system import disk, owners

from ..support import ME, MINE, names


def test_a_file_is_written_with_its_mode_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a"
    disk.write(str(path), b"one", ME, MINE, 0o2640)
    disk.write(str(path), b"two", mode=0o600)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o7777 == 0o600
    assert names(tmp_path) == ["a"]


def test_what_an_earlier_run_left_half_written_goes(tmp_path: Path) -> None:
    (tmp_path / ".a.flaskwright-0badcafe").write_text("half")
    disk.write(str(tmp_path / "a"), b"whole")
    assert names(tmp_path) == ["a"]


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(TypeError):
        disk.write(str(path), "text, not bytes")  # type: ignore[arg-type]
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a"]


def test_a_write_replaces_a_link_and_not_its_target(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("kept")
    link.symlink_to(target)
    disk.write(str(link), b"new")
    assert target.read_text() == "kept"
    assert not link.is_symlink()


def test_a_link_takes_the_place_of_a_file_or_a_link(tmp_path: Path) -> None:
    path = tmp_path / "current"
    path.write_text("file")
    for target in ("releases/1", "releases/2"):
        disk.replace_link(str(path), target)
        assert disk.link_target(str(path)) == target
    assert names(tmp_path) == ["current"]


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "fifo")
    assert disk.read(str(tmp_path / "file")) == b"x"
    for name in ("link", "fifo", "nothing", "file/below"):
        assert disk.read(str(tmp_path / name)) is None


def test_what_is_not_a_link_has_no_target(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("file", "nothing", "file/below"):
        assert disk.link_target(str(tmp_path / name)) is None


def test_remove_and_rename(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    disk.rename(str(tmp_path / "a"), str(tmp_path / "b"))
    disk.remove(str(tmp_path / "b"))
    disk.remove(str(tmp_path / "b"))
    assert names(tmp_path) == []
    disk.sync_tree(str(tmp_path))


def test_an_unknown_owner_is_a_failure() -> None:
    with pytest.raises(Failed, match="no user nobody-at-all"):
        owners.uid("nobody-at-all")
    with pytest.raises(Failed, match="no group nobody-at-all"):
        owners.gid("nobody-at-all")
    assert owners.uid(None) == owners.gid(None) == -1


def test_numbers_without_a_name_stand_for_themselves() -> None:
    assert owners.user_name(3999999999) == owners.group_name(3999999999) == "3999999999"
    assert owners.user_name(os.geteuid()) == ME


def test_a_tree_changes_hands_but_not_the_targets_of_its_links(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.touch()
    tree = tmp_path / "tree" / "below"
    tree.mkdir(parents=True)
    (tree / "link").symlink_to(outside)
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    owners.chown_tree(str(tree.parent), 12345, 12345)
    assert tree.stat().st_uid == (tree / "link").lstat().st_uid == 12345
    assert tree.parent.stat().st_gid == 12345
    assert outside.stat().st_uid == 0
