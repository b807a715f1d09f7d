"""From a pristine host to the served page; then everything again, which changes nothing."""

from __future__ import annotations

import pytest

import guides

from .conftest import SUITES, Live, on
from .project import Said
from .trouble import MAIN
from .visitor import page, wait_for

pytestmark = on(*SUITES)

GUIDE = guides.raspberry_pi.GUIDE
STEPS = [step.full_name for step in GUIDE.steps("setup", "deploy")]


def states(said: Said, name: str) -> set[str]:
    """Return the states in what `--json` printed for a host."""
    assert said.code == 0, str(said)
    return {each["state"] for each in said.told(name)["outcomes"]}


def test_first_deploy_says_where_the_site_is(live: Live) -> None:
    assert live.said.out.splitlines()[-4:] == [
        f"http://{live.address}/",
        f"  release {live.current()}",
        f"  commit  {live.project.first[:7]}  first",
        f"  look    curl http://{live.address}/",
    ]
    assert "Guestbook" in page(live.address)


def test_second_deploy_has_nothing_to_do(live: Live) -> None:
    name = live.project.name
    said = live.deploy()
    assert "nothing to do" in said.err
    assert states(live.project.on_host("deploy", "--json"), name) == {"ok"}
    assert live.project.on_host("deploy", "--dry-run").code == 0
    assert live.project.fab("-R", "-H", name, "deploy").code == 0
    assert live.shell("ls /srv/guestbook/releases").split() == [live.current()]


def test_each_step_alone_changes_nothing(live: Live) -> None:
    alone = [word for step in STEPS for word in (step, "--json")]
    assert states(live.project.on_host(*alone), live.project.name) == {"ok"}
    for step in ("nginx.site", "gunicorn.service", "venv.requirements"):
        assert states(live.project.on_host(step, "--json"), live.project.name) == {"ok"}


def test_steps_lists_the_guide(live: Live) -> None:
    said = live.project.on_host("steps")
    assert said.code == 0, str(said)
    places = [said.out.find(f"\n{heading.title}  ") for heading in GUIDE.headings]
    assert places == sorted(places), "the headings are not in the guide's order"
    assert -1 not in places
    assert set(live.project.steps().values()) == {"done"}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("status", "service: guestbook@1.service"),
        ("nginx.status", "ActiveState: active"),
        ("gunicorn.status", "ActiveState: active"),
        ("nginx.test", "accepted: True"),
    ],
)
def test_question(live: Live, question: str, answer: str) -> None:
    said = live.project.on_host(question)
    assert said.code == 0, str(said)
    assert answer in said.out


def test_status_names_the_release(live: Live) -> None:
    said = live.project.on_host("status")
    assert f"release: {live.current()}" in said.out
    assert f"commit: {live.project.first}" in said.out


@pytest.mark.parametrize("task", ["venv.by-hand", "gunicorn.by-hand"])
def test_by_hand_leaves_nothing(live: Live, task: str) -> None:
    before = main_process(live)
    said = live.project.on_host(task)
    assert said.code == 0, str(said)
    assert "status: 200" in said.out
    assert main_process(live) == before
    assert live.shell("systemctl list-units --all --no-legend 'flaskwright.try.*'") == ""
    assert live.shell("pgrep -u guestbook -f 'flask|http.sock'", check=False) == ""


def test_nginx_reload_brings_new_workers(live: Live) -> None:
    workers = "pgrep -P $(cat /run/nginx.pid) | sort"
    before = live.shell(workers).split()
    assert live.project.on_host("nginx.reload").code == 0
    assert not set(before) & set(live.shell(workers).split()[-len(before) :])
    assert "Guestbook" in page(live.address)


def test_gunicorn_restart_brings_a_new_process(live: Live) -> None:
    before = main_process(live)
    assert live.project.on_host("gunicorn.restart").code == 0
    assert main_process(live) not in ("0", before)
    assert "Guestbook" in wait_for(live.address)


def test_daemon_reload_reads_units_again(live: Live) -> None:
    drop_in = "/etc/systemd/system/nginx.service.d"
    live.shell(f"sudo mkdir {drop_in} && printf '[Unit]\n' | sudo tee {drop_in}/x.conf")
    stale = "systemctl show -P NeedDaemonReload nginx"
    assert live.shell(stale) == "yes\n"
    assert live.project.on_host("gunicorn.daemon-reload").code == 0
    assert live.shell(stale) == "no\n"


def test_apt_update_fetches_the_lists(live: Live) -> None:
    live.shell("sudo find /var/lib/apt/lists -name '*Packages*' -delete")
    assert live.project.on_host("apt.update").code == 0
    assert live.shell("ls /var/lib/apt/lists | grep Packages")


def main_process(live: Live) -> str:
    """Return the id of the app's main process."""
    return live.shell(MAIN).strip()
