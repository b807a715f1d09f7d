import time
from pathlib import Path

import pytest

from flaskwright.agent.engine.run import Run
from flaskwright.agent.web.nginx import loaded
from flaskwright.agent.web.nginx import server as nginx

from ...support import fields, result


def settle(top: Path) -> float:
    """The time of the last change, once it is past."""
    loaded.let_pass(str(top), 0.01)
    return loaded.newest(str(top))


def test_a_file_a_link_and_a_file_that_went_count(tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    file, link = tmp_path / "sites" / "a", tmp_path / "sites" / "b"
    times = [settle(tmp_path)]
    for change in (file.touch, lambda: link.symlink_to("a"), file.unlink):
        change()
        times.append(settle(tmp_path))
    assert times == sorted(set(times))


def test_a_link_on_the_way_to_the_target_counts(tmp_path: Path) -> None:
    for release in ("1", "2"):
        (tmp_path / "releases" / release / "etc").mkdir(parents=True)
        (tmp_path / "releases" / release / "etc" / "site").touch()
    current, top = tmp_path / "current", tmp_path / "nginx"
    current.symlink_to("releases/1")
    top.mkdir()
    (top / "site").symlink_to(current / "etc" / "site")
    before = settle(top)
    (tmp_path / "next").symlink_to("releases/2")
    (tmp_path / "next").rename(current)
    assert settle(top) > before


def test_circles_and_links_to_nowhere_end(tmp_path: Path) -> None:
    top = tmp_path / "nginx"  # above it there is nothing of other tests
    top.mkdir()
    (top / "up").symlink_to("..")
    (top / "self").symlink_to("self")
    (top / "nowhere").symlink_to("/no/where")
    assert loaded.newest(str(top)) > time.time() - 60


def test_nothing_there_never_changed(tmp_path: Path) -> None:
    assert loaded.newest(str(tmp_path / "nothing")) == 0.0


def test_without_nginx_a_dry_run_waits_for_it(run: Run, dry_run: Run) -> None:
    if nginx.installed():
        return
    resource = fields("nginx", "configuration", live=True)
    assert result(dry_run, resource)["note"] == "after the package nginx"
    assert result(run, resource)["state"] == "failed"
    assert nginx.workers() == {}


def test_what_age_tells_is_noted_before_the_same_bytes_get_new_dates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "nginx" / "site"
    site.parent.mkdir()
    site.write_text("one")
    settle(tmp_path)
    started = {11: time.time()}
    monkeypatch.setattr(nginx, "TREES", (str(site.parent),))
    monkeypatch.setattr(nginx, "workers", lambda: started)
    monkeypatch.setattr(loaded, "NOTE", str(tmp_path / "nginx.json"))

    nginx.keep_in_mind()
    time.sleep(0.02)
    site.touch()
    assert nginx.is_live()
    nginx.keep_in_mind()
    site.write_text("two")
    assert not nginx.is_live()


@pytest.mark.parametrize(
    ("name", "before", "state"),
    [
        ("file:/etc/nginx/snippets/x.conf", "would change", "would run"),
        ("certificate", "would run", "would run"),
        ("file:/etc/nginx/snippets/x.conf", "ok", "ok"),
        ("file:/etc/motd", "would change", "ok"),
    ],
)
def test_a_dry_run_does_not_promise_a_reload_for_what_nginx_may_have_already(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dry_run: Run,
    name: str,
    before: str,
    state: str,
) -> None:
    settle(tmp_path)
    monkeypatch.setattr(nginx, "TREES", (str(tmp_path),))
    monkeypatch.setattr(nginx, "installed", lambda: True)
    monkeypatch.setattr(nginx, "workers", lambda: {11: time.time()})
    dry_run.states[name] = before

    found = result(dry_run, fields("nginx", "configuration", live=True))
    assert found["state"] == state
    assert ("unless nginx has the same in force" in found.get("note", "")) is (state != "ok")
