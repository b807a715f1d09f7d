"""A deploy by an earlier version that a power cut has cut off: this version goes on from there."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Live, on
from .earlier import tree_of
from .faults.faults import FAULTS
from .faults.trial import AUDIT, Trial, converges, is_whole, prepared, telling
from .project import APP, Project, table

pytestmark = on("bookworm", whole=["trixie"])

COMMIT = (
    "5a07416bb5949f3e3d8bfcf437d57100f314f479"  # the first versions whose agent stays on a host
)
BEGUN = "/var/lib/flaskwright/guestbook/transaction/agent"
# at boot; the deploy that is cut off would enable a unit that is only disabled
DROP_IN = "/etc/systemd/system/flaskwright.recover.service.d"
NO_RECOVERY = f"""
sudo mkdir {DROP_IN}
printf '[Unit]\\nConditionPathExists=/nowhere\\n' | sudo tee {DROP_IN}/never.conf
sudo systemctl daemon-reload
"""
RECOVERY = f"sudo rm -r {DROP_IN} && sudo systemctl daemon-reload"
SSH = """
Host *
  IdentityFile {host.identity}
  IdentitiesOnly yes
  UserKnownHostsFile {host.known_hosts}
"""


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The version that the host was last deployed to by; skips where the history is cut off."""
    with tree_of(COMMIT, tmp_path_factory.mktemp("earlier")) as tree:
        yield tree


@pytest.fixture(scope="module")
def app(live: Live) -> Live:
    """The sample app, which tells the release that answers."""
    return telling(live)


@pytest.fixture(scope="module")
def then(app: Live, earlier: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project of somebody who has the earlier version, and the address of the host.

    The libraries are today's; its own sandbox has nothing to do with the host.
    """
    directory = tmp_path_factory.mktemp("then")
    (directory / "ssh").write_text(SSH.format(host=app.host))
    project = copy.copy(app.project)
    project.hosts = directory / "hosts.toml"
    keys = {"guide": "raspberry-pi", "app": "guestbook", "address": app.address, "user": "pi"}
    repository = {"repo": str(app.project.app)}
    tables = table("apps.guestbook", APP | repository), table(f"hosts.{project.name}", keys)
    project.write("".join(tables))
    project.program = (
        *("env", f"PYTHONPATH={earlier}", f"INVOKE_RUNTIME_CONFIG={earlier / 'fabric.yaml'}"),
        *(sys.executable, "-P", "-m", "flaskwright", "--search-root", str(earlier)),
        *("-S", str(directory / "ssh")),
    )
    return project


def deployed(project: Project) -> str:
    """Deploy by whatever version the project has; gives what was told."""
    process = project.start("-H", project.name, "deploy")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, out + err
    return out + err


@pytest.mark.parametrize(
    "by",
    [
        "the next deploy of today",
        pytest.param("the agent of then, at boot", marks=pytest.mark.long),
    ],
)
def test_it_is_recovered(app: Live, then: Project, by: str) -> None:
    app.project.add("VERSION", f"{by}: before\n")
    today = app.shell(f"sudo readlink {BEGUN}")
    deployed(then)
    trial = prepared(app)
    at_work = Trial(Live(then, app.said), trial.before, trial.note)
    assert app.shell(f"sudo readlink {BEGUN}") != today, "it is no other version"

    at_boot = by.endswith("boot")
    if not at_boot:
        app.shell(NO_RECOVERY)
        at_work.after.callback(app.shell, RECOVERY)
    happen, codes = FAULTS["power cut"]
    with at_work.after:
        said = happen(at_work, "switch")
    assert said.code in codes, str(said)
    pending = app.shell("sudo ls /var/lib/flaskwright/guestbook | grep -c pending", check=False)
    assert pending.strip() == ("0" if at_boot else "1")

    if at_boot:
        assert is_whole(trial) == "old"
    converges(trial)
    assert is_whole(trial) == "new"
    last = [line for line in app.shell(f"sudo cat {AUDIT}").splitlines() if '"verdict"' in line]
    assert '"failed"' in last[-2], last
    assert app.shell(f"sudo readlink {BEGUN}") == today
