"""Two apps on one host: the second leaves the first alone, and both survive a reboot."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

import sandbox

from .conftest import Live, on
from .project import APP, Said, table
from .visitor import ask, page, wait_for

pytestmark = on("bookworm", whole=["trixie"])

PLAIN = {"off": True}
FIRST, SECOND, THIRD = "guestbook.test", "blog.test", "www.blog.test"
SSH = """
Host {address}
    IdentityFile /nowhere
    UserKnownHostsFile {known_hosts}
"""
# Names, contents (by inode and time of change) and modes of all that is the first app's, but its
# data; and of what both share.
FILES = """
sudo find /srv/guestbook /etc/nginx /etc/systemd/system /var/lib/flaskwright/guestbook \
    -path /srv/guestbook/shared -prune -o ! -type d -path '*{of}*' \
    -printf '%p %l %i %C@ %m %u %g\\n' | sort
"""
PROCESSES = "ps -o pid=,lstart= -u guestbook | sort"


@dataclass(frozen=True)
class Both:
    """A host with the app `guestbook`, declared with a sandbox, and room for another."""

    live: Live
    ssh_config: Path

    def second(self, *arguments: str) -> Said:
        """Run `./fab` on the second entry, with the key given by hand."""
        given = ("-i", str(self.live.host.identity), "-S", str(self.ssh_config))
        return self.live.project.fab(*given, "-H", "blog", *arguments)


@pytest.fixture(scope="module")
def both(live: Live) -> Both:
    """The first app by its domain, and an entry for the second that knows only an address."""
    project, host = live.project, live.host
    shutil.copytree(project.app, project.directory / "blog", symlinks=True)
    ssh_config = project.directory / "ssh_config"
    ssh_config.write_text(SSH.format(address=live.address, known_hosts=host.known_hosts))
    declare(live, "blog")
    live.deploy()
    return Both(live, ssh_config)


def declare(live: Live, app: str) -> None:
    """Write hosts.toml with a second app of that name."""
    keys = {"guide": "raspberry-pi", "app": app, "address": live.address, "user": "pi"}
    site = {"domain": SECOND, "aliases": [THIRD], "tls": PLAIN}
    more = table(f"apps.{app}", APP | {"repo": "blog", "workers": 1})
    more += table("hosts.blog", keys | site)
    live.project.declare({"domain": FIRST, "tls": PLAIN}, more)


def test_second_app_leaves_the_first_alone(both: Both) -> None:
    live = both.live
    watched = [FILES.format(of=name) for name in ("guestbook", "flaskwright", "nginx.conf")]
    before = [live.shell(command) for command in (PROCESSES, *watched)]
    assert all(before)
    said = both.second("deploy")
    assert said.code == 0, str(said)
    assert f"http://{SECOND}/" in said.out
    assert [live.shell(command) for command in (PROCESSES, *watched)] == before


def test_each_answers_by_its_name(both: Both) -> None:
    address = both.live.address
    sign(address, FIRST, "a guest")
    sign(address, SECOND, "a reader")
    assert "a guest" in page(address, host=FIRST)
    assert "a reader" not in page(address, host=FIRST)
    assert "a reader" in page(address, host=SECOND)
    assert "a guest" not in page(address, host=SECOND)
    for host in (address, "unknown.invalid"):
        assert ask(address, host=host) is None


def sign(address: str, host: str, name: str) -> None:
    """Sign an app's book."""
    form, origin = {"name": name, "message": "hello"}, {"Origin": f"http://{host}"}
    answer = ask(address, host=host, form=form, headers=origin)
    assert answer is not None
    assert answer.status == 303


def test_apps_cannot_read_each_other(both: Both) -> None:
    for user, other in (("guestbook", "blog"), ("blog", "guestbook")):
        said = both.live.shell(f"sudo -u {user} ls /srv/{other}/shared 2>&1", check=False)
        assert "Permission denied" in said


@pytest.mark.parametrize(
    "end", [pytest.param(sandbox.poweroff, marks=pytest.mark.long), sandbox.power_cut]
)
def test_both_answer_after_a_reboot(both: Both, end: object) -> None:
    name = both.live.project.name
    assert callable(end)
    end(name)
    sandbox.boot(name)
    assert "a guest" in wait_for(both.live.address, host=FIRST)
    assert "a reader" in wait_for(both.live.address, host=SECOND)
    assert "nothing to do" in both.live.deploy().err
    said = both.second("deploy")
    assert said.code == 0, str(said)
    assert "nothing to do" in said.err


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("pi", "user pi exists and was not made by Flaskwright"),
        ("staff", "group staff exists and was not made by Flaskwright"),
        ("cellar", "unit cellar.service that Flaskwright did not make"),
    ],
)
def test_taken_name_is_refused(both: Both, name: str, complaint: str) -> None:
    unit = "/etc/systemd/system/cellar.service"
    both.live.shell(f"printf '[Service]\\nExecStart=/bin/true\\n' | sudo tee {unit}")
    declare(both.live, name)
    said = both.second("deploy")
    assert said.code == 1, str(said)
    assert complaint in said.err
    assert both.live.shell(f"cat {unit}") == "[Service]\nExecStart=/bin/true\n"
    assert "a guest" in page(both.live.address, host=FIRST)
    assert "a reader" in page(both.live.address, host=SECOND)
