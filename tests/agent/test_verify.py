"""What is on the host, held against what was deployed."""

import json

import pytest

from flaskwright.agent.code import checksums

from .slot_host import NEW, OLD, ONE, SITE
from .support import fields, result


@pytest.fixture
def host(live):
    """A host that serves OLD, and whose releases are whole."""
    for release in (OLD, NEW):
        place, venv = live.root / "releases" / release, live.root / "venvs" / release
        venv.mkdir()
        (venv / ".complete").write_text("{}")
        (place / ".venv").symlink_to(venv)
        manifest = json.loads((place / "manifest.json").read_text())
        (place / "manifest.json").unlink()
        manifest["files"] = checksums(str(place))
        (place / "manifest.json").write_text(json.dumps(manifest))
    return live


def verified(host):
    more = {"health": "/", "host_header": SITE}
    return result(host.run("check"), fields("verify", app_root=str(host.root), app="blog", **more))


def test_all_is_as_it_was_deployed(host):
    assert verified(host)["answer"] == {
        "release": OLD,
        "files": 4,  # each has a unit and the link to its environment
        "releases": 2,
        "verified": True,
    }


def test_without_a_release_there_is_nothing_to_verify(slots):
    assert verified(slots)["what"] == "blog has no release to verify"


def changed(host):
    (host.root / "releases" / NEW / "code" / "app.py").write_text("by hand")


def without_environment(host):
    (host.root / "venvs" / NEW / ".complete").unlink()


def stopped(host):
    host.run().command(["systemctl", "stop", ONE])


def another(host):
    host.releases.switch(NEW)


def closed(host):
    host.systemd.put("blog.socket", "inactive")


def unwell(host):
    host.says(500)


def silent(host):
    host.says(0)


def under_way(host):
    host.begin(id="7")


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (changed, f"release {NEW}: code/app.py is not as deployed"),
        (without_environment, f"release {NEW} has lost its environment"),
        (stopped, "what runs is nothing"),
        (another, f"what runs is {OLD}"),
        (closed, "blog.socket does not listen"),
        (unwell, "/ answers 500"),
        (silent, "/ gives no answer: the connection was closed without an answer"),
        (under_way, "a transaction is open: 7"),
    ],
)
def test_what_is_not_so_is_told(host, trouble, told):
    trouble(host)

    failed = verified(host)

    assert failed["what"] == "the host is not as it was deployed"
    assert failed["log"] == [told]
