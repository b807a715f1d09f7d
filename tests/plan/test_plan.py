import pytest

from flaskwright.errors import FlaskwrightError
from flaskwright.inventory import Host
from flaskwright.plan import plan
from flaskwright.resources.base import Planned
from flaskwright.resources.system import Directory, Packages
from flaskwright.resources.transaction import Kept
from flaskwright.resources.web import Answer, Nginx
from tests.hosts_file import host_in

NGINX = Planned("nginx.install", Packages(("nginx",)))


def test_what_two_steps_yield_alike_stands_once_at_its_first_place(tmp_path):
    git = Planned("git.install", Packages(("git",)))
    again = Planned("nginx.start", NGINX.resource)

    made = plan.make(host_in(tmp_path), [NGINX, git, again])

    assert made.items == (NGINX, git)
    assert made.steps == ("nginx.install", "git.install")


def test_what_puts_others_in_force_stands_at_its_last_place(tmp_path):
    reload, again = Planned("nginx.default", Nginx()), Planned("nginx.site", Nginx())
    answer = Planned("nginx.site", Answer("blog", "/"))

    made = plan.make(host_in(tmp_path), [reload, answer, NGINX, again])

    assert made.items == (NGINX, again, answer)


def test_two_steps_that_want_different_things_of_one_resource_are_a_mistake(tmp_path):
    ours, theirs = Directory("/srv/blog"), Directory("/srv/blog", owner="blog")

    with pytest.raises(FlaskwrightError, match=r"directory:/srv/blog: one and two want different"):
        plan.make(host_in(tmp_path), [Planned("one", ours), Planned("two", theirs)])


def test_payload_names_mode_app_state_and_each_resource_with_its_step(tmp_path):
    payload = plan.make(host_in(tmp_path), [NGINX]).payload("check")

    assert payload["mode"] == "check"
    assert payload["app"] == "blog"
    assert payload["state"] == "/var/lib/flaskwright/blog"
    assert payload["resources"] == [
        {"kind": "packages", "id": "packages:nginx", "step": "nginx.install", "names": ("nginx",)}
    ]


def test_what_no_rollback_needs_goes_after_all_else(tmp_path):
    kept = Planned("deploy", Kept("/srv/blog", "blog", 5))
    answer = Planned("nginx.site", Answer("blog", "/"))
    reload = Planned("nginx.site", Nginx())

    made = plan.make(host_in(tmp_path), [kept, answer, reload, NGINX])

    assert made.items == (NGINX, reload, answer, kept)


def test_payload_has_what_a_transaction_has_to_know(tmp_path):
    host = host_in(tmp_path, app='deploy_timeout = 77\ncutover = "restart"\ndrain = 9')

    assert plan.make(host, [NGINX]).payload("apply")["transaction"] == {
        "app_root": "/srv/blog",
        "timeout": 77,
        "cutover": "restart",
        "drain": 9,
    }


def test_a_host_without_an_app_has_no_transactions():
    payload = plan.make(Host("pi", address="192.0.2.7"), [NGINX]).payload("apply")

    assert (payload["app"], payload["transaction"]) == (None, {})
    assert payload["state"] == "/var/lib/flaskwright"
