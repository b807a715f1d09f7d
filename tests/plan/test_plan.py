from flaskwright.inventory import Host
from flaskwright.plan import plan
from flaskwright.resources.base import Planned
from flaskwright.resources.system import Packages
from tests.hosts_file import host_in

NGINX = Planned("nginx.install", Packages(("nginx",)))


def test_payload_names_mode_app_state_and_each_resource_with_its_step(tmp_path):
    payload = plan.make(host_in(tmp_path), [NGINX]).payload("check")

    assert payload["mode"] == "check"
    assert payload["app"] == {"name": "blog", "root": "/srv/blog"}
    assert payload["state"] == "/var/lib/flaskwright/blog"
    about = {"kind": "packages", "id": "packages:nginx", "step": "nginx.install"}
    assert payload["resources"] == [{**about, "names": ("nginx",), "along": (), "beside": ()}]


def test_payload_has_what_a_transaction_has_to_know(tmp_path):
    host = host_in(tmp_path, app='deploy_timeout = 77\ncutover = "restart"\ndrain = 9')

    payload = plan.make(host, [NGINX]).payload("apply")

    assert payload["app"] == {"name": "blog", "root": "/srv/blog"}
    assert payload["transaction"] == {
        "timeout": 77,
        "cutover": "restart",
        "drain": 9,
    }


def test_a_host_without_an_app_has_no_transactions():
    payload = plan.make(Host("pi", address="192.0.2.7"), [NGINX]).payload("apply")

    assert (payload["app"], payload["transaction"]) == (None, {})
    assert payload["state"] == "/var/lib/flaskwright"
