"""What the tasks of every day have the agent do."""

import pytest

from flaskwright.errors import UsageError
from flaskwright.plan import plan
from flaskwright.resources.releases import Release
from flaskwright.resources.system import Link, Unit
from flaskwright.resources.transaction import Serving
from tasks import daily, gunicorn
from tests.hosts_file import host_in


@pytest.fixture
def ids(tmp_path):
    """The ids of a task's plan, in order."""
    host = host_in(tmp_path)
    return lambda task, **options: [
        item.resource.id for item in plan.make(host, task.resources(host, **options)).items
    ]


def test_a_deploy_makes_a_release_serves_it_asks_for_it_and_prunes(ids):
    found = ids(daily.deploy)

    order = ["venv", "requirements", "release", "serving"]
    assert [one for one in found if one in order] == order
    assert found[-3:] == ["nginx", "answer", "kept"]


def test_a_rollback_needs_nothing_but_what_is_on_the_host(ids):
    assert ids(daily.rollback, to="x") == [
        "earlier",
        "serving",
        "nginx",
        "answer",
    ]


@pytest.mark.parametrize("task", [daily.deploy, daily.rollback, daily.reload])
def test_what_changes_what_is_served_goes_host_by_host(task):
    assert (task.kind, task.parallel) == ("operation", False)


@pytest.mark.parametrize(
    ("task", "only"),
    [
        (daily.attach, "attach"),
        (daily.verify, "verify"),
        (daily.status, "app-status"),
        (daily.releases, "release-list"),
    ],
)
def test_who_only_looks_takes_no_lock(ids, task, only):
    assert ids(task) == [only]
    assert task.kind == "question"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"lines": "many"}, "--lines many: should be a number"),
        ({"lines": "-5"}, "--lines -5: should be a number"),
        ({"grep": "("}, r"--grep \( is no regular expression"),
    ],
)
def test_what_cannot_be_looked_for_is_told_before_the_host_is_asked(ids, options, said):
    with pytest.raises(UsageError, match=said):
        ids(daily.logs, **options)


def test_what_is_under_way_cannot_be_rehearsed():
    assert daily.attach.dry_refused


def test_the_cut_over_is_as_hosts_toml_says(tmp_path):
    host = host_in(tmp_path, app='cutover = "restart"\ndrain = 9\nhealth = "/up"')
    (serving,) = [
        item.resource
        for item in daily.rollback.resources(host)
        if isinstance(item.resource, Serving)
    ]

    assert (serving.cutover, serving.drain, serving.health) == ("restart", 9, "/up")


def test_a_release_brings_slot_canary_site_and_settings(tmp_path):
    planned = [item.resource for item in gunicorn.service.resources(host_in(tmp_path))]
    (release,) = [each for each in planned if isinstance(each, Release)]

    modes = {path: (file.mode, file.group) for path, file in release.files.items()}
    assert modes == {
        "etc/systemd/system/blog@.service": (0o644, "root"),
        "run/systemd/system/flaskwright.canary.blog.service": (0o644, "root"),
        "run/systemd/system/flaskwright.canary.blog.socket": (0o644, "root"),
        "etc/nginx/sites-available/blog": (0o644, "root"),
        "etc/gunicorn.conf.py": (0o640, "blog"),
        "etc/launch": (0o640, "blog"),
        "etc/flaskwright_workers.py": (0o644, "root"),
        **{f"etc/pages/{status}.html": (0o644, "root") for status in (413, 429, 502, 504)},
    }


def test_the_units_are_there_before_the_switch(tmp_path):
    planned = [item.resource for item in gunicorn.service.resources(host_in(tmp_path))]
    place = "/etc/systemd/system/blog@.service"
    serving = next(n for n, each in enumerate(planned) if isinstance(each, Serving))

    assert Link(place, f"/srv/blog/current{place}") in planned[:serving]
    assert Unit("flaskwright.recover.service", running=None) in planned[:serving]
    assert "file:/etc/systemd/system/blog.socket" in [each.id for each in planned[:serving]]


@pytest.mark.parametrize(
    ("task", "ids"),
    [
        (gunicorn.enable, ["link:/etc/systemd/system/multi-user.target.wants/blog@1.service"]),
        (gunicorn.start, ["unit:blog.socket", "serving"]),
        (gunicorn.status, ["unit-status:blog@*.service"]),
        (gunicorn.restart, ["restart:blog@*.service"]),
    ],
)
def test_the_guides_unit_is_a_slot(tmp_path, task, ids):
    assert [item.resource.id for item in task.resources(host_in(tmp_path))] == ids
