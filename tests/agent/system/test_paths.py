import os
from pathlib import Path

import pytest

from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.system.paths import make_directories, open_directory, parent

from ..support import names


def inode(path: Path) -> int:
    with open_directory(str(path)) as descriptor:
        return os.fstat(descriptor).st_ino


def test_our_own_links_are_followed(tmp_path: Path) -> None:
    real = tmp_path / "real" / "below"
    real.mkdir(parents=True)
    (tmp_path / "absolute").symlink_to(tmp_path / "real")
    (tmp_path / "relative").symlink_to("./real/../absolute")
    assert inode(tmp_path / "absolute" / "below") == real.stat().st_ino
    assert inode(tmp_path / "relative" / "below") == real.stat().st_ino


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes links for others")
@pytest.mark.parametrize("target", ["/etc", "real", ".."])
def test_the_link_of_somebody_else_is_not(tmp_path: Path, target: str) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(target)
    os.chown(tmp_path / "link", 12345, 12345, follow_symlinks=False)
    with pytest.raises(Failed, match="is not used"), parent(str(tmp_path / "link" / "file")):
        pass


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="Too many levels"):
        inode(tmp_path / "a")


def test_errors_name_the_whole_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileNotFoundError) as missing:
        inode(tmp_path / "no" / "where")
    assert missing.value.filename == str(tmp_path / "no" / "where")
    with pytest.raises(NotADirectoryError):
        inode(tmp_path / "file" / "below")


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = len(names(Path("/proc/self/fd")))
    (tmp_path / "link").symlink_to(tmp_path)
    inode(tmp_path / "link")
    with pytest.raises(FileNotFoundError):
        inode(tmp_path / "link" / "nothing")
    assert len(names(Path("/proc/self/fd"))) == before


def test_missing_directories_are_made_with_those_above(tmp_path: Path) -> None:
    make_directories(str(tmp_path / "a" / "b" / "c"), 0o700)
    assert (tmp_path / "a" / "b" / "c").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o755
    make_directories(str(tmp_path / "a" / "b"), 0o700)
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o755
