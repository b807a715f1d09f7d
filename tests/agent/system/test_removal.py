import contextlib
import os
from pathlib import Path

import pytest

from flaskwright.agent.common.place import Place
from flaskwright.agent.databases.backups import Backups
from flaskwright.agent.system.disk import remove_tree

from ..support import names, swapped


def deep(place: Path, levels: int) -> None:
    """Make what an app can make below a directory of its own."""
    place.mkdir(exist_ok=True)
    here = os.open(place, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def test_trees_files_links_and_nothing_are_removed(tmp_path: Path) -> None:
    (tmp_path / "tree" / "below").mkdir(parents=True)
    (tmp_path / "tree" / "below" / "file").touch()
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to("kept")
    for name in ("tree", "link", "nothing"):
        remove_tree(str(tmp_path / name))
    assert names(tmp_path) == ["kept"]


@pytest.mark.parametrize("levels", [900, 1500])
def test_however_deep_it_is(tmp_path: Path, levels: int) -> None:
    deep(tmp_path / "tree", levels)
    remove_tree(str(tmp_path / "tree"))
    assert names(tmp_path) == []


def test_a_backup_that_the_app_has_made_deep_is_removed(tmp_path: Path) -> None:
    backups = Backups(Place("blog", str(tmp_path)))
    (tmp_path / "backups").mkdir()
    deep(tmp_path / "backups" / "1", 1500)
    backups.remove("1")
    assert names(tmp_path / "backups") == []


def test_what_cannot_be_removed_is_told() -> None:
    with pytest.raises(OSError, match=r"\[Errno"):
        remove_tree("/proc/self/fdinfo")


def test_a_tree_that_changes_meanwhile_takes_nothing_with_it(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    (victim / "below").mkdir(parents=True)
    for _ in range(30):
        tree = tmp_path / "tree"
        for number in range(20):
            (tree / str(number) / "below").mkdir(parents=True)
        with swapped(tree, victim), contextlib.suppress(OSError):
            remove_tree(str(tree))
        remove_tree(str(tree))
    assert names(victim) == ["below"]
