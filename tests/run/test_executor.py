"""Lanes, order and exit codes: real `fab`, real sshd, a small fabfile."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flaskwright.run.exit_codes import worst
from tests.sshd import Sshd, environment, path_of, ssh_config

ROOT = Path(__file__).parents[2]
FABFILE = '''
import os
import threading
from dataclasses import dataclass, replace
from invoke import Collection, Exit
from flaskwright import made_by
from flaskwright.by_hand import commands
from flaskwright.errors import Locked
from flaskwright.report import console
from flaskwright.resources.system import Directory
from flaskwright.steps import EngineTask, step

@dataclass
class Result:
    exit_code: int

def note(*words):
    with open(os.environ["NOTES"], "a") as notes:
        print(*words, file=notes)

def task(kind, **marks):
    return lambda body: EngineTask(body, kind, {}, marks=marks)

def answer(c, codes):
    pairs = dict(pair.split("=") for pair in codes.split(",") if pair)
    return Result(int(pairs.get(c.host.name, 0)))

@task("question")
def ask(c, codes=""):
    note("ask", c.host.name)
    c.run("true", hide=True)
    return answer(c, codes)

@task("operation", parallel=False)
def roll(c, codes="", dry_run=False):
    note("roll", c.host.name, dry_run)
    return answer(c, codes)

@task("question", needs_app=False)
def look(c):
    note("look", c.host.name)
    c.run("true", hide=True)

@task("question", needs_app=False, dry_refused=True)
def shell(c):
    note("shell")

@task("question", needs_app=False)
def run(c, command):
    return commands.run(c, command)

@task("local")
def here(c):
    note("here")

@task("local")
def fail_here(c):
    raise Locked("a lock", why="Somebody.", next="wait")

@task("question")
def lock(c):
    raise Locked("a lock")

@task("question")
def bug(c):
    raise KeyError("of ours")

@task("question")
def leave(c):
    raise Exit("good bye", code=4)

@task("operation")
def wait(c, follow=False):
    note("wait")
    c.run("exec sleep 5", hide=True)

@task("operation")
def change(c, stage="changes", deaf=""):
    """Change something until a stop is asked for; a deaf host goes on."""
    asked = threading.Event()
    def ask():
        note("asked", c.host.name)
        if c.host.name != deaf:
            asked.set()
    c.run("true", hide=True)
    c.stage, c.ask_to_stop = stage, ask
    note("change")
    if asked.wait(5):
        note("stopped", c.host.name)
    return Result(1)

@task("operation", parallel=False)
def one_by_one(c):
    """Change something that is done when a stop is asked for."""
    asked = threading.Event()
    c.ask_to_stop = asked.set
    note("begun", c.host.name)
    asked.wait(5)

@task("question")
def endless(c, json=False, follow=False):
    note("endless")

@task("operation")
def tell(c, json=False):
    console.keep(c.host.name, {"told": True})

@step
def first(host):
    yield Directory("/no/first")

@step
def second(host):
    yield Directory("/no/second")

@made_by
def made(host, make):
    note("made", host.name, make)
    return replace(host, address=os.environ.get("MADE") or host.address)

ns = Collection()
for each in [value for value in globals().values() if isinstance(value, EngineTask)]:
    ns.add_task(each)
'''
HOSTS = """
default = "one"
[apps.blog]
repo = "https://git.example.org/blog.git"
"""
HOST = """
[hosts.{name}]
guide = "raspberry-pi"
address = "{name}"
app = "blog"
"""
NAMES = ("one", "two", "three")


class Fab:
    """`fab` in a directory of its own, and what its tasks noted."""

    def __init__(self, directory: Path, sshd: Sshd) -> None:
        self.directory, self.sshd = directory, sshd
        (directory / "fabfile.py").write_text(FABFILE)
        (directory / "hosts.toml").write_text(HOSTS + "".join(HOST.format(name=n) for n in NAMES))
        blocks = [(name, sshd, "") for name in (*NAMES, "loose")]
        self.config = ssh_config(directory / "ssh_config", *blocks)
        self.variables = {"NOTES": str(directory / "notes")}

    def start(self, *words: str) -> subprocess.Popen[str]:
        fab = str(Path(sys.executable).parent / "fab")
        own = {
            "FLASKWRIGHT_HOSTS": str(self.directory / "hosts.toml"),
            "INVOKE_RUNTIME_CONFIG": str(ROOT / "fabric.yaml"),
            "PYTHONPATH": str(ROOT),
        }
        return subprocess.Popen(
            [fab, "-S", str(self.config), *words],
            cwd=self.directory,
            env={**os.environ, **own, **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *words: str) -> int:
        """Run `fab`; returns the exit code."""
        process = self.start(*words)
        self.out, self.err = process.communicate(timeout=60)
        assert process.returncode is not None
        return process.returncode

    @property
    def notes(self) -> list[str]:
        """What tasks noted, without the makers' notes."""
        return [line for line in self.all_notes if not line.startswith("made")]

    @property
    def all_notes(self) -> list[str]:
        notes = Path(self.variables["NOTES"])
        return notes.read_text().splitlines() if notes.exists() else []


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    path = path_of(tmp_path_factory.mktemp("path") / "bin", "sh", "env", "sleep", "true")
    options = (environment(path), "LogLevel VERBOSE")
    server = Sshd(tmp_path_factory.mktemp("sshd"), options).start()
    server.trusted()
    yield server
    server.stop()


@pytest.fixture
def fab(tmp_path: Path, sshd: Sshd) -> Fab:
    return Fab(tmp_path, sshd)


def test_order(fab: Fab) -> None:
    assert fab("-H", "two,one", "ask", "here", "roll", "ask") == 0, fab.err
    assert sorted(fab.notes[:2]) == ["ask one", "ask two"]
    assert fab.notes[2:5] == ["here", "roll two False", "roll one False"]
    assert sorted(fab.notes[5:]) == ["ask one", "ask two"]
    assert (fab.out.splitlines()[-2:], fab.err) == (["two   done", "one   done"], "")


def test_the_default_host(fab: Fab) -> None:
    assert fab("ask") == 0
    assert fab.notes == ["ask one"]


def test_one_connection_for_a_host(fab: Fab, sshd: Sshd) -> None:
    before = sshd.log.count("Accepted publickey")
    assert fab("-H", "one", "ask", "here", "look") == 0
    assert sshd.log.count("Accepted publickey") == before + 1


def test_one_exec_for_steps_that_are_neighbours(fab: Fab, sshd: Sshd) -> None:
    before = sshd.log.count("Starting session")
    assert fab("first", "--dry-run", "second", "--dry-run") == 2, fab.err
    assert sshd.log.count("Starting session") == before + 1
    assert [word in fab.out for word in ("/no/first", "/no/second")] == [True, True]


def test_steps_that_are_no_neighbours_are_not_joined(fab: Fab, sshd: Sshd) -> None:
    before = sshd.log.count("Starting session")
    assert fab("first", "--dry-run", "ask", "second", "--dry-run") == 2, fab.err
    assert sshd.log.count("Starting session") == before + 3


def test_one_by_one_stops_at_the_first_that_fails(fab: Fab) -> None:
    assert fab("-H", "one,two,three", "roll", "--codes", "two=1") == 1
    assert fab.notes == ["roll one False", "roll two False"]
    assert fab.err == "not begun: three\n"


def test_together_all_are_done(fab: Fab) -> None:
    assert fab("-H", "one,two,three", "ask", "--codes", "one=1,two=6") == 6
    assert len(fab.notes) == 3


@pytest.mark.parametrize("after", ["here", "roll"])
def test_nothing_is_begun_after_a_failure(fab: Fab, after: str) -> None:
    assert fab("-H", "one,two", "ask", "--codes", "two=1", after) == 1
    assert sorted(fab.notes) == ["ask one", "ask two"]


def test_changes_found_are_no_failure(fab: Fab) -> None:
    assert fab("ask", "--codes", "one=2", "here") == 2
    assert fab.notes == ["ask one", "here"]


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ([0], 0),
        ([0, 2], 2),
        ([2, 64], 64),
        ([64, 4], 4),
        ([4, 5], 5),
        ([5, 1], 1),
        ([1, 6], 6),
        ([6, 3], 3),
        ([17, 6], 6),
        ([17, 5], 17),
    ],
)
def test_the_worst_code_counts(codes: list[int], code: int) -> None:
    assert worst(codes) == worst(reversed(codes)) == code


def test_an_unknown_name(fab: Fab) -> None:
    assert fab("-H", "tow", "here", "ask") == 64
    assert 'did you mean "two"?' in fab.err
    assert fab.notes == []


def test_a_name_that_only_ssh_knows(fab: Fab) -> None:
    assert fab("-H", "loose,one", "look") == 0, fab.err
    assert sorted(fab.notes) == ["look loose", "look one"]


def test_a_host_that_is_down(fab: Fab) -> None:
    assert fab("-H", "no-such-host.invalid", "look") == 5
    assert fab.err.startswith("no-such-host.invalid  failed  ")


def test_a_broken_hosts_toml(fab: Fab) -> None:
    (fab.directory / "hosts.toml").write_text("default = 1\n")
    assert fab("ask") == 64
    assert "hosts.toml: default" in fab.err
    assert fab("here") == 0


def test_a_command(fab: Fab) -> None:
    assert fab("-H", "one", "--", "echo out; echo err >&2; exit 17") == 17
    assert (fab.out, fab.err) == ("out\n", "err\n")


def test_run_where_there_is_no_app_is_a_command_too(fab: Fab) -> None:
    assert fab("-H", "loose", "run", "echo out; exit 17") == 17
    assert fab.out == "out\n"


def test_a_command_on_several_hosts(fab: Fab) -> None:
    assert fab("-H", "two,loose", "--", "echo", "hello") == 0
    assert fab.out.startswith("==> two <==\nhello\n\n==> loose <==\nhello\n")


def test_a_command_after_tasks(fab: Fab) -> None:
    assert fab("-H", "one", "ask", "--", "echo hello") == 0
    assert (fab.notes, fab.out) == (["ask one"], "hello\n")


def test_a_command_goes_to_known_hosts_only(fab: Fab, sshd: Sshd) -> None:
    text = fab.config.read_text().replace(str(sshd.known_hosts), "/dev/null")
    fab.config.write_text(text)
    assert fab("-H", "loose", "--", "echo hello") == 5
    assert "is not known" in fab.err
    assert fab.out == ""


@pytest.mark.parametrize("words", [("-R", "shell"), ("-R", "-H", "one", "--", "echo hello")])
def test_what_cannot_be_rehearsed(fab: Fab, words: tuple[str, ...]) -> None:
    assert fab(*words) == 64
    assert "cannot be rehearsed" in fab.err
    assert (fab.notes, fab.out) == ([], "")


def test_dry_is_dry_run(fab: Fab) -> None:
    assert fab("-R", "roll") == 0
    assert fab.notes == ["roll one True"]


def test_what_has_no_end_is_no_json(fab: Fab) -> None:
    assert fab("-H", "one", "endless", "--json", "--follow") == 64
    assert "-f has none" in fab.err


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("here", "ask", "--codes="), "ask: --codes is empty"),
        (("here", "ask", "--codes", ""), "ask: --codes is empty"),
        (("here", "run", ""), "run: --command is empty"),
    ],
)
def test_an_empty_value_is_not_the_default(fab: Fab, words: tuple[str, ...], named: str) -> None:
    assert fab(*words) == 64
    assert named in fab.err
    assert (fab.all_notes, fab.out) == ([], "")


def test_errors_are_told(fab: Fab) -> None:
    assert fab("-H", "one,two", "lock") == 4
    assert sorted(fab.err.splitlines()) == ["one  failed  a lock", "two  failed  a lock"]
    assert fab("fail-here") == 4
    assert fab.err == "failed  a lock\n  why   Somebody.\n  next  wait\n"


def test_a_bug_is_one_line(fab: Fab) -> None:
    assert fab("bug") == 1
    assert fab.err == "one  failed  KeyError: 'of ours'\n  next  --debug shows the traceback\n"
    assert fab("--debug", "bug") == 1
    assert "Traceback (most recent call last)" in fab.err


def test_exit_is_fabrics_own(fab: Fab) -> None:
    assert fab("leave") == 4
    assert fab.err == "one  failed  good bye\n"


def test_one_json_object(fab: Fab) -> None:
    assert fab("-H", "one,two", "tell", "--json") == 0
    assert json.loads(fab.out) == {"hosts": {"one": {"told": True}, "two": {"told": True}}}


def test_makers_see_a_host_first(fab: Fab) -> None:
    fab.variables["MADE"] = "two"
    assert fab("-H", "loose", "look") == 0, fab.err
    assert fab("-H", "one", "ask", "roll") == 0
    assert [line for line in fab.all_notes if line.startswith("made")] == [
        "made loose False",
        "made one False",
    ]
    assert fab("-H", "one", "roll", "ask") == 0
    assert fab.all_notes[-3:] == ["made one True", "roll one False", "ask one"]


@pytest.mark.parametrize(("words", "code"), [((), 1), (("--follow",), 0)])
def test_interrupt_where_nothing_is_changed(fab: Fab, words: tuple[str, ...], code: int) -> None:
    with interrupted(fab, "-H", "one,two", "wait", *words) as process:
        pass
    assert process.returncode == code, fab.err
    assert "Traceback" not in fab.err
    assert "Ctrl-C again" not in fab.err
    told = r"(one|two)  interrupted( while it waits for .*)?; nothing was (being )?changed"
    lines = fab.err.splitlines()
    assert len(lines) == (0 if words else 2)
    assert all(re.fullmatch(told, line) for line in lines)


def test_the_first_interrupt_asks_for_a_safe_stop_and_waits_for_it(fab: Fab) -> None:
    with interrupted(fab, "-H", "one,two", "change", "here") as process:
        pass
    assert process.returncode == 1, fab.err
    assert sorted(fab.notes[2:]) == ["asked one", "asked two", "stopped one", "stopped two"]
    assert fab.err == "stops as soon as that is safe; Ctrl-C again leaves it to the host\n"


@pytest.mark.parametrize(
    ("stage", "advice"),
    [("changes", "run the same command again"), ("follows", "fab -H two attach")],
)
def test_the_second_interrupt_leaves_it_to_the_host(fab: Fab, stage: str, advice: str) -> None:
    words = ("-H", "one,two", "change", "--stage", stage, "--deaf", "two")
    with interrupted(fab, *words) as process:
        _until(lambda: len(fab.notes) == 5)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
    assert process.returncode == 6, fab.err
    assert "two  failed  interrupted\n" in fab.err
    assert "one  failed" not in fab.err  # it has stopped already
    assert advice in fab.err


def test_after_a_stop_that_came_too_late_the_next_host_is_not_begun(fab: Fab) -> None:
    with interrupted(fab, "-H", "one,two", "one-by-one", lanes=1) as process:
        _until(lambda: len(fab.notes) == 2 or process.poll() is not None)
        process.send_signal(signal.SIGINT)
    assert fab.notes == ["begun one"]


def test_after_a_stop_that_came_too_late_the_next_task_is_not_begun(fab: Fab) -> None:
    with interrupted(fab, "-H", "one", "one-by-one", "here", lanes=1) as process:
        pass
    assert fab.notes == ["begun one"]
    assert process.returncode == 1


@contextmanager
def interrupted(fab: Fab, *words: str, lanes: int = 2) -> Iterator[subprocess.Popen[str]]:
    """Run `fab` with Ctrl-C while its lanes are at work; more may happen within, then it ends."""
    process = fab.start(*words)
    _until(lambda: len(fab.notes) == lanes)
    time.sleep(0.1)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    yield process
    fab.out, fab.err = process.communicate(timeout=10)
    assert time.monotonic() - began < 4


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
