"""What cannot be read of a command line, and what asks for no task: `./fab` really run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import fabfile
from flaskwright.run import first_page
from flaskwright.version import VERSION
from tests.command_line import ROOT, Typed


@pytest.fixture
def fab(tmp_path: Path) -> Typed:
    return Typed(tmp_path)


def test_alone_it_shows_the_first_page(fab: Typed) -> None:
    said = fab()
    assert (said.code, said.err) == (0, "")
    longest = max(len(line) for line in said.out.splitlines() if fab.fab not in line)
    assert longest <= 80
    words = said.out.split()
    assert {"deploy", "rollback", "nginx.*", "secrets.*"} <= set(words)
    assert not {"check", "docs"} & set(words)


def test_the_page_has_words_for_every_task_and_part_and_for_no_other() -> None:
    daily = set(fabfile.ns.tasks) - set(first_page.OURS)
    assert {name for name, _, _ in first_page.DAILY} == daily
    assert set(first_page.PARTS) == set(fabfile.ns.collections)


def test_version(fab: Typed) -> None:
    first, second, *_ = fab("--version").out.splitlines()
    assert first == f"Flaskwright {VERSION}"
    assert second.startswith("Fabric ")


def test_list_and_help(fab: Typed) -> None:
    assert "nginx.multi-accept" in fab("--list").out
    assert "site" in fab("--list", "nginx").out
    assert "--ref" in fab("deploy", "--help").out
    said = fab("secrets.import", "--help")  # it wants a file, and that was no file's name
    assert (said.code, "--everywhere" in said.out) == (0, True), said.err


MISTYPED = [
    ("deploi", 'no task "deploi"; did you mean "deploy"?'),
    ("nginx.multi_accept", 'did you mean "nginx.multi-accept"?'),
    ("multi-accept", 'did you mean "nginx.multi-accept"?'),
    ("nginx", "nginx is a part, not a task"),
    ("restart", 'did you mean "reload"?'),
    ("help", 'did you mean "--help"?'),
    ("init", "init: not yet in this version"),
    ("docker.build", "docker.build: not yet in this version"),
    ("zzzzzz", 'no task "zzzzzz"'),
    ("pi status", 'no task "pi": it is a host'),
    ("deploy --dryrun", 'deploy has no option --dryrun; did you mean "--dry-run"?'),
    ("deploy --branch main", 'deploy has no option --branch; did you mean "--ref"?'),
    ("logs --tail 3", 'logs has no option --tail; did you mean "--lines"?'),
    ("status --zzz", "status has no option --zzz"),
    ("--dry-run deploy", "--dry-run stands before any task"),
    ("run --fast ls", "run has no option --fast"),
    ("deploy feature-x", "deploy takes no further word"),
    ("run flask routes", "run takes one command, in quotes"),
    ("run", "run wants COMMAND"),
    ("secrets.set MAIL", "secrets.set wants USERNAME"),
    ("deploy --ref", "--ref is given no value"),
    ("-t soon status", "-t soon: should be a whole number"),
    ("-H", "-H is given no value"),
    ("-H pi", "-H pi: what is to be done there?"),
    ("-H deploy", "-H deploy: on which host?"),
    ("-H pi -H web status", "-H is given twice"),
    ("-H pi status -H web", "-H is given twice"),
    ("-H pii status", 'hosts.toml: no host or group "pii"; did you mean "pi"?'),
    ("-H , status", "-H names no host"),
    ("status", "which host?"),
    ("--list ngin", 'no part "ngin"; did you mean "nginx"?'),
    ("--help deploi", 'no task "deploi"; did you mean "deploy"?'),
    ("-H pi logs --lines many", "--lines many: should be a number"),
]


@pytest.mark.parametrize(("typed", "said"), MISTYPED, ids=[typed for typed, _ in MISTYPED])
def test_what_is_mistyped_is_answered_with_the_nearest(fab: Typed, typed: str, said: str) -> None:
    answer = fab.forked(*typed.split())
    assert (answer.code, answer.out) == (64, "")
    assert said in answer.err.splitlines()[0]
    assert "Traceback" not in answer.err


NEXT = [
    ("deploi", "{fab} deploy"),
    ("deploy feature-x", "{fab} deploy --ref feature-x"),
    ("pi status", "{fab} -H pi TASK"),
    ("-H pi", "{fab} -H pi deploy"),
    ("-H pi staus", "{fab} -H pi status"),
    ("-H pi run", "{fab} -H pi run COMMAND"),
    ("status pi", "{fab} -H pi status"),
    ("-H pi -H web status", "one list of hosts: -H pi,web"),
    ("secrets.set MAIL", "{fab} secrets.set SERVICE USERNAME"),
]


@pytest.mark.parametrize(("typed", "advice"), NEXT, ids=[typed for typed, _ in NEXT])
def test_the_next_command_is_said(fab: Typed, typed: str, advice: str) -> None:
    assert f"  next  {advice.format(fab=fab.fab)}\n" in fab.forked(*typed.split()).err


@pytest.mark.parametrize("words", [(), ("--list",), ("--help",), ("deploy", "--help")])
def test_a_reader_who_has_had_enough_is_no_error(fab: Typed, words: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [fab.fab, *words], cwd=fab.directory, stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_hints_are_as_it_was_typed(fab: Typed, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "fab").symlink_to(ROOT / "fab")
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", "fab deploi; bin/fab deploi"],
        cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True,
    )  # fmt: skip
    advice = [line for line in done.stderr.splitlines() if line.startswith("  next")]
    assert advice == ["  next  fab deploy", "  next  bin/fab deploy"]


def test_hints_name_the_hosts_toml_that_was_read_where_it_is_not_beside_the_person(
    fab: Typed, tmp_path: Path
) -> None:
    hosts, elsewhere = tmp_path / "hosts.toml", tmp_path / "else where"
    elsewhere.mkdir()
    named = f"FLASKWRIGHT_HOSTS={hosts}"
    said = fab("-H", "pi", cwd=elsewhere, FLASKWRIGHT_HOSTS=str(hosts))
    assert f"  next  {named} {fab.fab} -H pi deploy\n" in said.err
    said = fab("-H", "pii", "status", cwd=elsewhere, FLASKWRIGHT_HOSTS=str(hosts))
    assert f'{hosts}: no host or group "pii"' in said.err
    said = fab("-H", "pi", FLASKWRIGHT_HOSTS=str(hosts))  # it is beside the person
    assert f"  next  {fab.fab} -H pi deploy\n" in said.err


def test_where_there_is_no_hosts_toml_an_example_is_shown(tmp_path: Path) -> None:
    said = Typed(tmp_path, None)("deploy", FLASKWRIGHT_HOSTS=str(tmp_path / "hosts.toml"))
    assert said.code == 64
    assert said.err.startswith("failed  hosts.toml: there is none at ")
    assert "[hosts.pi]" in said.err


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a directory to somebody else")
def test_in_a_directory_without_rights(tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o700)
    os.chown(shut, 65534, 65534)
    without = "--bounding-set=-dac_override,-dac_read_search"  # what lets root in everywhere
    done = subprocess.run(
        ["setpriv", without, ROOT / "fab", "status"],
        cwd=shut, capture_output=True, text=True,
        env={name: text for name, text in os.environ.items() if name != "FLASKWRIGHT_HOSTS"},
    )  # fmt: skip
    assert done.returncode == 64, done.stderr
    assert "hosts.toml: cannot look for it from here" in done.stderr


BROKEN = {"default": 'default = "nobody"\n', "no TOML": "[[[", "other words": 'hostname = "x"\n'}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_json_has_the_errors_of_hosts_toml(tmp_path: Path, text: str) -> None:
    said = Typed(tmp_path, text)("-H", "pi", "status", "--json")
    assert said.code == said.json["exit_code"] == said.json["hosts"]["pi"]["exit_code"] == 64
    assert said.json["error"].startswith("hosts.toml: ")


@pytest.mark.parametrize(
    ("typed", "code", "error"),
    [
        ("deploi --json", 64, 'no task "deploi"'),
        ("status --jsonn --json", 64, "status has no option --jsonn"),
        ("-H pii status --json", 64, "no host or group"),
        ("status --json", 64, "which host?"),
        ("-H pi deploy --ref= --json", 64, "deploy: --ref is empty"),
    ],
)
def test_json_has_what_belongs_to_no_host(fab: Typed, typed: str, code: int, error: str) -> None:
    said = fab(*typed.split())
    assert said.code == said.json["exit_code"] == code
    assert error in said.json["error"]


def test_json_has_each_host_that_was_asked_for(fab: Typed) -> None:
    said = fab("-H", "home", "status", "--json")
    assert said.code == 5
    assert {name: told["exit_code"] for name, told in said.json["hosts"].items()} == {
        "pi": 5,
        "web": 5,
    }
    assert "does not resolve" in said.json["hosts"]["web"]["error"]
    said = fab("-H", "home", "deploy", "--json")  # one by one
    assert said.json["hosts"]["web"]["error"] == "not begun"


def test_several_hosts_end_in_one_table(fab: Typed) -> None:
    said = fab("-H", "pi,web", "status")
    rows = [line.split()[:3] for line in said.out.splitlines()[-3:]]
    assert rows == [["host", "result"], ["pi", "not", "reached"], ["web", "not", "reached"]]
    assert fab("-H", "home", "deploy").out.splitlines()[-1].split() == ["web", "not", "begun"]
