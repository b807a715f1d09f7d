import json
import subprocess
import threading
import time
from pathlib import Path

import pytest

from flaskwright.agent.system.lock import Held, lock_paths, locked


def test_a_second_run_is_told_who_holds_it(tmp_path: Path) -> None:
    paths = [str(tmp_path / "lock"), str(tmp_path / "app" / "lock")]
    with locked(paths, "ann@laptop", "guestbook: nginx.install"):
        for path in paths:
            with pytest.raises(Held) as held, locked([path], "bob@pc", "deploy"):
                pass
            assert held.value.holder["who"] == "ann@laptop"
            assert held.value.holder["what"] == "guestbook: nginx.install"
            assert held.value.holder["since"].endswith("Z")
    with locked(paths, "bob@pc", "deploy"):
        assert json.loads(Path(paths[0]).read_text())["who"] == "bob@pc"
    assert Path(paths[0]).read_text() == ""


def test_the_first_lock_is_given_back_when_the_second_is_held(tmp_path: Path) -> None:
    host, app = str(tmp_path / "lock"), str(tmp_path / "app" / "lock")
    with locked([app], "ann", "deploy"):
        with pytest.raises(Held), locked([host, app], "bob", "deploy"):
            pass
        with locked([host], "bob", "status"):
            pass


def test_one_path_given_twice_is_one_lock(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with locked([path, path], "ann", "deploy"):
        pass


def test_an_earlier_version_and_this_one_exclude_each_other(tmp_path: Path) -> None:
    ours = lock_paths(str(tmp_path / "blog"), has_app=True)
    theirs = [str(tmp_path / "lock"), str(tmp_path / "blog" / "lock")]
    for first, second in ((ours, theirs), (theirs, ours)):
        with locked(first, "ann", "deploy"), pytest.raises(Held), locked(second, "bob", "deploy"):
            pass


def test_two_apps_and_the_host_itself_share_a_lock(tmp_path: Path) -> None:
    blog, shop = (lock_paths(str(tmp_path / app), has_app=True) for app in ("blog", "shop"))
    for other in (shop, lock_paths(str(tmp_path), has_app=False)):
        with locked(blog, "ann", "deploy"), pytest.raises(Held), locked(other, "bob", "setup"):
            pass


def test_an_app_may_be_named_as_earlier_versions_named_the_lock(tmp_path: Path) -> None:
    state = tmp_path / "lock"
    theirs, ours = [str(state)], lock_paths(str(state), has_app=True)
    with locked(theirs, "ann", "deploy"), pytest.raises(Held), locked(ours, "bob", "deploy"):
        pass
    assert state.is_file()

    with locked(lock_paths(str(state), has_app=True), "bob", "lock: deploy"):
        assert (state / "lock").is_file()
        with (
            pytest.raises(Held),
            locked(lock_paths(str(tmp_path / "blog"), has_app=True), "ann", ""),
        ):
            pass

    assert lock_paths(str(state), has_app=True) == [f"{tmp_path}/host.lock", f"{state}/lock"]
    with locked(lock_paths(str(state), has_app=True), "bob", "lock: deploy"):
        pass


def test_a_note_that_is_not_written_yet(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked([str(path)], "ann", "deploy"):
        path.write_text("")
        with pytest.raises(Held) as held, locked([str(path)], "bob", "deploy"):
            pass
    assert held.value.holder["who"] == "somebody"


def test_children_do_not_inherit_it(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with locked([path], "ann", "deploy"):
        child = subprocess.Popen(["sleep", "30"], close_fds=False)
    try:
        with locked([path], "bob", "deploy"):
            pass
    finally:
        child.kill()
        child.wait()


def test_who_may_wait_gets_it_as_soon_as_it_is_free(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    free, waits = threading.Event(), threading.Event()

    def hold() -> None:
        with locked([path], "ann", "deploy"):
            waits.set()
            free.wait(5)

    holder = threading.Thread(target=hold)
    holder.start()
    waits.wait(5)
    threading.Timer(0.1, free.set).start()
    with locked([path], "bob", "the rest of it", wait=5):
        assert json.loads(Path(path).read_text())["who"] == "bob"
    holder.join()


def test_who_has_waited_long_enough_is_told_who_holds_it(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    began = time.monotonic()
    bob = locked([path], "bob", "deploy", wait=0.1)
    with locked([path], "ann", "deploy"), pytest.raises(Held) as held, bob:
        pass
    assert held.value.holder["who"] == "ann"
    assert 0.1 <= time.monotonic() - began < 2
