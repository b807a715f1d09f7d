"""The Ubuntu guide from a pristine host to HTTPS, with an app that keeps its rows in MySQL."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

import guides
import sandbox

from .conftest import PREFIX
from .notebook import (
    BROKEN,
    DOMAIN,
    LEFT,
    Notebook,
    Sample,
    loses_no_row,
    takes_another_password_and_way,
)
from .project import Said
from .trouble import told

NAME = f"{PREFIX}-ubuntu"
GUIDE = guides.ubuntu.GUIDE


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """The app after its first deploy, over the socket."""
    project = Sample(tmp_path_factory.mktemp("ubuntu"), NAME)
    live = Notebook(project, Said(0, "", ""))
    live.declare()
    said = project.on_host("deploy")
    assert said.code == 0, str(said)
    yield Notebook(project, said)
    sandbox.down(NAME)


def test_the_first_deploy_ends_in_an_app_over_https(notebook: Notebook) -> None:
    assert notebook.said.out.startswith(f"https://{DOMAIN}/\n  release ")
    assert json.loads(notebook.ask("/health")) == {"lines": 0, "over": "Localhost via UNIX socket"}
    for line in ("one", "two ' \" ; DROP TABLE note; --", "drei ü"):
        notebook.ask(line=line)
    assert len(notebook.lines()) == 3
    assert "strict-transport-security: max-age=31536000\n" in notebook.ask(options=["-I"]).lower()


def test_the_second_run_changes_nothing(notebook: Notebook) -> None:
    said = notebook.deploy()
    assert "nothing to do" in said.err
    assert notebook.project.on_host("deploy", "--dry-run").code == 0
    assert set(notebook.project.steps().values()) == {"done"}


def test_steps_lists_the_guide_with_what_is_by_hand(notebook: Notebook) -> None:
    said = notebook.project.on_host("steps")
    places = [said.out.find(f"\n{heading.title}  ") for heading in GUIDE.headings]
    assert places == sorted(places)
    assert -1 not in places
    assert "by hand: sign up, then secrets.set OPENWEATHERMAP_AUTH api_key" in said.out


def test_the_user_has_the_least_rights_and_the_password_is_nowhere(notebook: Notebook) -> None:
    grants = notebook.sql("SHOW GRANTS FOR notebook@localhost")
    assert grants.count("ON *.* TO") == grants.count("GRANT USAGE ON *.*") == 1
    assert "WITH GRANT OPTION" not in grants
    listening = notebook.shell("sudo ss -ltnH 'sport = 3306'")
    assert [line.split()[3] for line in listening.splitlines()] == ["127.0.0.1:3306"]
    places = "/srv /etc /var/lib/flaskwright /var/log /run /root /home"
    notebook.shell(f"umask 77; printf %s '{notebook.password()}' >/tmp/sought")
    found = notebook.shell(f"sudo grep -rlFf /tmp/sought {places}; rm /tmp/sought", check=False)
    assert [path for path in found.split() if not path.startswith("/run/credentials/")] == []
    assert notebook.password() not in str(notebook.said)


def test_another_password_and_tcp_are_noticed_by_nobody(notebook: Notebook) -> None:
    takes_another_password_and_way(notebook)


def test_a_backup_gives_back_every_row(notebook: Notebook) -> None:
    before = notebook.lines()
    assert notebook.project.on_host("mysql.backup").code == 0
    row = notebook.backups()[0]
    assert (row["databases"], row["why"]) == ("mysql:notebook", "mysql.backup")
    path = f"/srv/notebook/backups/{row['backup']}.sql.gz"
    assert notebook.shell(f"sudo stat -c '%U %a' {path}") == "root 600\n"
    notebook.ask(line="after")
    notebook.sql("USE notebook; DELETE FROM note WHERE id = 2; CREATE TABLE extra (i INT)")
    restored = notebook.project.on_host("mysql.restore", "--id", row["backup"])
    assert restored.code == 0, str(restored)
    assert notebook.lines() == before
    assert notebook.sql("SHOW TABLES IN notebook") == "note\n"
    again = notebook.project.on_host("backups.restore", "--id", row["backup"])
    assert "nothing: the databases are as they were then" in again.out


def test_a_migration_that_fails_at_once_leaves_all_as_it_was(notebook: Notebook) -> None:
    notebook.migration(BROKEN)
    said = notebook.project.on_host("deploy")
    told(said, 1, "the migration failed: exit status 1", "nothing had to be restored")


def test_half_of_a_migration_beside_visitors_loses_no_row(notebook: Notebook) -> None:
    loses_no_row(notebook)


def test_half_of_a_migration_where_nobody_serves_is_taken_back(notebook: Notebook) -> None:
    notebook.migration(LEFT.format("who"), BROKEN)
    notebook.shell("sudo systemctl stop notebook.socket 'notebook@*.service'")
    told(notebook.project.on_host("deploy"), 1, "so the backup was restored")
    assert notebook.sql("SHOW TABLES IN notebook") == "note\n"
    assert notebook.sql("SELECT count(*) FROM notebook.note") == "3\n"


def test_somebody_else_s_user_is_left_alone(notebook: Notebook) -> None:
    notebook.sql("CREATE USER other@localhost IDENTIFIED BY 'theirs'")
    notebook.declare(user="other", host="127.0.0.1", service="OTHER")
    said = notebook.project.on_host("mysql.create")
    told(said, 1, "the MySQL user other exists and was not made by Flaskwright")


@pytest.mark.long
def test_packages_are_upgraded(notebook: Notebook) -> None:
    old = "$(apt-cache madison tzdata | tail -1 | cut -d'|' -f2 | tr -d ' ')"
    notebook.shell(f"sudo apt-get install -qq --allow-downgrades tzdata={old}")
    notebook.shell("sudo apt-mark hold nginx-common && sudo touch /run/reboot-required")
    dry = notebook.project.on_host("apt.upgrade", "--dry-run")
    assert (dry.code, "tzdata 20" in dry.out) == (2, True), str(dry)
    said = notebook.project.on_host("apt.upgrade")
    assert said.code == 0, str(said)
    assert "held, so not upgraded: nginx-common" in said.err
    assert "a reboot is wanted" in said.err
    assert "nothing to do" in notebook.project.on_host("apt.upgrade").err
