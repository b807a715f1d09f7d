import guides  # noqa: F401 - makes them known
from flaskwright import guide, overview
from flaskwright.plan import plan
from flaskwright.report.report import HostReport, Outcome
from tests.hosts_file import host_in

PI = guide.guide_named("raspberry-pi")


def states(tmp_path, state_of=lambda name: "ok", until=None):
    host = host_in(tmp_path)
    todo = plan.make(host, PI.resources(host, "setup", "deploy"))
    ids = [item.resource.id for item in todo.items][:until]
    outcomes = [Outcome(name, "s", state_of(name)) for name in ids]
    return overview.host_states(PI, HostReport(todo, "check", outcomes))


def test_all_is_done_when_nothing_would_change(tmp_path):
    assert set(states(tmp_path).values()) == {"done"}


def test_a_step_is_to_do_when_what_it_stands_on_is(tmp_path):
    found = states(tmp_path, lambda name: "would change" if name == "packages:git" else "ok")

    assert found["git.install"] == found["git.clone"] == found["venv.create"] == "to do"
    assert found["nginx.install"] == "done"


def test_what_was_not_reached_is_not_done(tmp_path):
    found = states(tmp_path, until=3)

    assert found["venv.install"] == "done"
    assert found["nginx.site"].startswith("to do")


def test_a_reload_to_come_says_nothing_of_a_step_before_it(tmp_path):
    pending = ("link:/etc/nginx/sites-enabled/blog", "nginx")
    found = states(tmp_path, lambda name: "would change" if name in pending else "ok")

    assert found["nginx.multi-accept"] == "done"
    assert found["nginx.site"] == "to do"
    found = states(tmp_path, lambda name: "would change" if name == pending[1] else "ok")
    assert found["nginx.multi-accept"] == "to do"
