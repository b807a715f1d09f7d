import os
import time
from pathlib import Path

import pytest

from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.system import tree_walk
from flaskwright.agent.system.tree_walk import TreeWalk

from ..support import swapped


def test_files_and_links_are_given_by_their_paths(tmp_path: Path) -> None:
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "b" / "c" / "file").write_text("text")
    (tmp_path / "a").symlink_to("b")
    os.mkfifo(tmp_path / "d")
    walk = TreeWalk(str(tmp_path))
    found = [(path, status.st_size, target) for path, status, target in walk.entries()]
    assert found == [("a", 1, "b"), ("b/c/file", 4, ""), ("d", 0, "")]
    assert walk.whole


@pytest.mark.parametrize(("bound", "value"), [("MOST", 2), ("LEVELS", 1), ("PATIENCE", -1.0)])
def test_it_ends_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, value: float
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("1", "2", "a/b/3"):
        (tmp_path / name).touch()
    monkeypatch.setattr(tree_walk, bound, value)
    walk = TreeWalk(str(tmp_path))
    assert len(list(walk.entries())) < 3
    assert not walk.whole


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes links for others")
def test_the_way_to_it_leads_over_no_link_of_a_stranger(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("/etc")
    os.chown(tmp_path / "a", 12345, 12345, follow_symlinks=False)
    with pytest.raises(Failed):
        list(TreeWalk(str(tmp_path / "a" / "apt")).entries())


def test_what_changes_meanwhile_leads_nowhere_else(tmp_path: Path) -> None:
    victim, tree = tmp_path / "victim", tmp_path / "tree"
    (victim / "below").mkdir(parents=True)
    (victim / "below" / "secret").touch()
    for number in range(20):
        (tree / str(number) / "below").mkdir(parents=True)
        (tree / str(number) / "below" / "file").touch()
    links, times, end = 0, 0, time.monotonic() + 30
    with swapped(tree, victim):
        while time.monotonic() < end and not (links and times > 200):
            times += 1
            found = list(TreeWalk(str(tree)).entries())
            links += sum(bool(target) for *_, target in found)
            assert not any(path.endswith("secret") for path, *_ in found)
    assert links, "nothing was swapped in time"
