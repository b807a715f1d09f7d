"""What is asked of one unit, also where a slot stands for all of them."""

import pytest

from flaskwright.agent.web.nginx import server as nginx

from ..slot_host import OLD, ONE, TWO
from ..support import fields, result


def restarted(host, unit="blog@*.service"):
    return result(host.run(), fields("restart", unit=unit))


def test_it_is_the_slot_that_runs_which_is_restarted(slots):
    slots.serve(OLD, TWO)
    before = slots.systemd.main(TWO)

    done = restarted(slots)

    assert done["state"] == "done", done
    assert slots.runs() == {TWO: OLD}
    assert slots.systemd.main(TWO) != before
    assert done["answer"]["MainPID"] == str(slots.systemd.main(TWO))


def test_where_none_runs_it_is_the_first_slot(slots):
    slots.releases.switch(OLD)
    slots.systemd.put(ONE, "inactive")

    restarted(slots)

    assert slots.runs() == {ONE: OLD}


def test_before_the_first_deploy_there_is_none(slots):
    failed = restarted(slots)

    assert failed["what"] == f"{ONE} is not on this host"
    assert failed["next"] == "./fab deploy puts it there"


@pytest.mark.parametrize("kind", ["nginx-test", "nginx-reload"])
def test_without_nginx_it_is_said_how_to_get_it(run, monkeypatch, kind):
    monkeypatch.setattr(nginx, "installed", lambda: False)
    assert result(run, fields(kind))["next"] == "./fab nginx.install"


def test_an_nginx_that_does_not_run_is_not_reloaded(run, monkeypatch):
    monkeypatch.setattr(nginx, "installed", lambda: True)
    monkeypatch.setattr(nginx, "workers", dict)
    assert result(run, fields("nginx-reload"))["next"] == "./fab nginx.start"


def test_one_that_does_not_start_is_told(live):
    live.systemd.breaks(OLD)

    assert restarted(live)["what"] == f"{ONE} does not restart"


@pytest.mark.parametrize("slot", [ONE, TWO])
def test_the_status_is_that_of_the_slot_that_runs(slots, slot):
    slots.serve(OLD, slot)

    done = result(slots.run("check"), fields("unit-status", unit="blog@*.service"))

    assert done["answer"]["ActiveState"] == "active"
    assert f"status --no-pager -n 0 -- {slot}" in slots.systemd.calls()
