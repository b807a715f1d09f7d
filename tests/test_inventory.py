"""The hosts and apps that steps see, and what -H may name."""

import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from flaskwright import inventory as module
from flaskwright.config.hosts_toml import EXAMPLE
from flaskwright.errors import UsageError
from flaskwright.inventory import (
    App,
    Host,
    Inventory,
    load,
)

PACKAGE = Path(module.__file__).parent

SEVERAL = """
default = "web"

[groups]
web = ["two", "one"]
all = ["one", "two", "three"]

[apps.blog]
repo = "https://git.example.org/blog.git"
env = { A = "{shared}/a", B = "{release} {{x}}", C = "https://{domain}/" }

[hosts.one]
guide = "ubuntu"
address = "192.0.2.1"
app = "blog"
domain = "one.example.org"
aliases = ["www.one.example.org"]

[hosts.two]
guide = "ubuntu"
address = "192.0.2.2"
app = "blog"
domain = "two.example.org"

[hosts.three]
guide = "ubuntu"
address = "192.0.2.3"
app = "blog"
domain = "three.example.org"
"""


@pytest.fixture
def several(tmp_path) -> Inventory:
    return loaded(tmp_path, SEVERAL)


def loaded(directory: Path, text: str) -> Inventory:
    (directory / "hosts.toml").write_text(text)
    return load(directory / "hosts.toml")


def names(hosts: list[Host]) -> list[str]:
    return [host.name for host in hosts]


def refusal(inventory: Inventory, chosen: str | None, **options: bool) -> UsageError:
    with pytest.raises(UsageError) as caught:
        inventory.select(chosen, **options)
    assert caught.value.exit_code == 64
    return caught.value


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (None, ["two", "one"]),
        ("one", ["one"]),
        ("two,one", ["two", "one"]),
        (" one , three ", ["one", "three"]),
        ("web", ["two", "one"]),
        ("one,web,one", ["one", "two"]),
        ("all,web", ["one", "two", "three"]),
    ],
)
def test_names_groups_and_lists_in_their_order_each_host_once(several, chosen, found):
    assert names(several.select(chosen)) == found


def test_the_only_host_needs_no_name(tmp_path):
    assert names(loaded(tmp_path, EXAMPLE).select()) == ["pi"]


def test_several_hosts_without_a_default_must_be_named(tmp_path):
    error = refusal(loaded(tmp_path, SEVERAL.replace('default = "web"', "")), None)

    assert error.what == "which host?"
    assert error.why.endswith(
        "hosts.toml has no `default`, and several: one, two, three, web, all."
    )
    assert "-H" in error.next


def test_an_empty_list_names_no_host(several):
    assert refusal(several, " , ").what == "-H names no host"


def test_an_unknown_name_comes_with_the_closest_or_all(several):
    assert refusal(several, "one,thre").what == (
        f'{several.path}: no host or group "thre"; did you mean "three"?'
    )
    assert refusal(several, "pi").what == (
        f'{several.path}: no host or group "pi"; there are: one, two, three, web, all'
    )


@pytest.mark.parametrize("spelled", ["me@one", "one:22", "me@one:22", "me@web"])
def test_user_and_port_of_a_declared_host_belong_into_the_file(several, spelled):
    error = refusal(several, spelled, undeclared=True)

    assert "is declared, with its user and port" in error.what
    assert "hosts.toml" in error.next


@pytest.mark.parametrize(
    ("spelled", "user", "address", "port"),
    [
        ("raspberrypi.local", None, "raspberrypi.local", None),
        ("me@192.0.2.9", "me", "192.0.2.9", None),
        ("192.0.2.9:2222", None, "192.0.2.9", 2222),
        ("me@nas:22", "me", "nas", 22),
        ("2001:db8::7", None, "2001:db8::7", None),
        ("me@[2001:db8::7]:22", "me", "2001:db8::7", 22),
        ("[::1]", None, "::1", None),
    ],
)
def test_a_name_that_is_not_declared_is_looked_up(several, spelled, user, address, port):
    (host,) = several.select(spelled, undeclared=True)

    assert (host.user, host.address, host.port) == (user, address, port)
    assert (host.name, host.declared, host.app, host.guide) == (spelled, False, None, "")
    assert host == Inventory.lookup(spelled)


@pytest.mark.parametrize(
    "spelled",
    ["-oProxyCommand=id", "a b", "me@-oX", "-x@a", "a:0", "a:70000", "a:x", "a:", "a/b", "[::g]",
     "\x1b[2J", "[::1]22", "@a", "a:²"],
)  # fmt: skip
def test_what_cannot_be_an_address_is_refused(several, spelled):
    assert refusal(several, spelled, undeclared=True).what.isprintable()


def test_a_host_that_is_not_declared_has_no_app():
    host = Inventory.lookup("pi")

    assert host.state == "/var/lib/flaskwright"
    with pytest.raises(UsageError, match="pi runs no app"):
        _ = host.declared_app


def test_a_site_with_a_domain(several):
    host = several.hosts["one"]

    assert host.site.names == ("one.example.org", "www.one.example.org")
    assert (host.site.host, host.url) == ("one.example.org", "https://one.example.org/")
    assert host.state == "/var/lib/flaskwright/blog"


def test_the_environment_is_filled_but_for_the_release(several):
    assert several.hosts["one"].environment == {
        "A": "/srv/blog/shared/a",
        "B": "{release} {{x}}",
        "C": "https://one.example.org/",
    }


def test_an_apps_places_on_a_host():
    app = App("blog", repo="https://git.example.org/blog.git")

    assert (app.place.root, app.place.shared) == ("/srv/blog", "/srv/blog/shared")


def test_hosts_are_values_that_can_be_keys(several, tmp_path):
    again = loaded(tmp_path, SEVERAL)

    assert again == several
    assert {several.hosts["one"]: 1}[again.hosts["one"]] == 1
    with pytest.raises(FrozenInstanceError):
        several.hosts["one"].user = "root"


def test_what_is_slow_to_import_waits_until_it_is_needed():
    """The list of tasks imports this each time it is shown; the package's own words come beside."""
    script = f"""
import sys, types
sys.modules["flaskwright"] = package = types.ModuleType("flaskwright")
package.__path__ = [{str(PACKAGE)!r}]
import flaskwright.inventory
print(*sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    modules = set(run.stdout.split())

    assert not modules & {"tomllib", "keyring", "jinja2", "fabric"}
    ours = {name for name in modules if name.startswith("flaskwright.")}
    assert {name for name in ours if ".agent." in name and ".common." in name} == {
        "flaskwright.agent.common.place",
        "flaskwright.agent.common.site",
    }
    assert {name.split(".")[1] for name in ours} == {
        "agent",
        "config",
        "errors",
        "inventory",
        "site",
    }
