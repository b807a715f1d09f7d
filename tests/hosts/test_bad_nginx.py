"""Port 80 in other hands, and other people's configuration of nginx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import sandbox

from .conftest import Live, Shell
from .project import Project
from .trouble import converges, steady, told
from .visitor import page

OTHER = "sudo systemd-run --quiet --unit other python3 -m http.server 80; sleep 0.5"
SITE = "printf '%s\\n' '{text}' | sudo tee /etc/nginx/sites-{where}/other"
NO_OTHER = "sudo rm /etc/nginx/sites-enabled/other"


@pytest.fixture(autouse=True)
def restored(live: Live) -> None:
    live.project.restore()


@pytest.fixture
def pristine(place: Path, tmp_path: Path) -> Iterator[Project]:
    """A project whose host has nothing but a web server of somebody else."""
    name = "pristine"
    Shell(sandbox.up(name))(OTHER)
    yield Project(tmp_path, name)
    sandbox.down(name)


def test_the_port_is_taken_before_nginx_is_there(pristine: Project) -> None:
    for task in (("setup",), ("deploy", "--dry-run")):
        said = pristine.on_host(*task)
        told(said, 1, "port 80 is taken", "python3 (pid ", "systemctl disable --now other.service")
    shell = Shell(sandbox.host(pristine.name))
    assert shell("command -v nginx || echo none").strip() == "none"
    shell("sudo systemctl stop other")
    assert pristine.on_host("nginx.install").code == 0


def test_a_snippet_is_gone_and_nginx_s_own_file_is_another(live: Live) -> None:
    live.shell("sudo rm /etc/nginx/snippets/flaskwright-tuning.conf")
    live.shell("sudo sed -i 's/multi_accept on/multi_accept off/' /etc/nginx/nginx.conf")
    foreseen = live.project.on_host("deploy", "--dry-run")
    assert "would run  nginx  (" in foreseen.out, str(foreseen)
    with steady(live):
        live.deploy()
    converges(live)


def test_the_port_is_taken_later(live: Live) -> None:
    live.project.add("static/new.css", "")
    live.shell(f"sudo systemctl stop nginx; {OTHER}")
    release = live.current()
    told(live.project.on_host("deploy"), 1, "port 80 is taken", "python3 (pid ", "  live  release")
    assert live.current() == release
    live.shell("sudo systemctl stop other")
    converges(live)


def test_somebody_else_s_site_is_broken(live: Live) -> None:
    live.project.add("static/newer.css", "")
    live.shell(SITE.format(text="serve { }", where="enabled"))
    with steady(live):
        said = live.project.on_host("deploy")
        told(
            said,
            1,
            'unknown directive "serve" in /etc/nginx/sites-enabled/other',
            "repair it until",
        )
    live.shell(NO_OTHER)
    converges(live)


def test_somebody_else_is_the_default_server(live: Live) -> None:
    live.project.add("static/newest.css", "")
    text = "server { listen 80 default_server; server_name a.test; return 200 theirs; }"
    live.shell(SITE.format(text=text, where="enabled"))
    foreseen = live.project.on_host("deploy", "--dry-run")
    told(foreseen, 1, "a second default server of port 80", "take default_server out of")
    with steady(live):
        said = live.project.on_host("deploy")
        told(
            said, 1, "duplicate default server", "take default_server out of", "sites-enabled/other"
        )
    live.shell("sudo sed -i 's/ default_server//' /etc/nginx/sites-enabled/other")
    converges(live)
    assert page(live.address, host="a.test") == "theirs"
    live.shell(NO_OTHER)
    converges(live)


def test_nginx_is_masked(live: Live) -> None:
    live.shell("sudo systemctl mask --quiet nginx")
    with steady(live):
        told(live.project.on_host("deploy"), 1, "nginx.service is masked", "unmask nginx.service")
    live.shell("sudo systemctl unmask --quiet nginx")
    live.shell("sudo systemctl stop nginx")
    converges(live)
