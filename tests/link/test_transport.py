"""One exec over a real sshd: the real agent, and small ones that misbehave."""

from __future__ import annotations

import dataclasses
import getpass
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from fabric import Config

from flaskwright.agent.common.line_buffer import LineBuffer
from flaskwright.errors import LeftToHost, StepFailed, Unreachable
from flaskwright.inventory import Host
from flaskwright.link import (
    ending,
    payload,
    silence,
    transport,
)
from flaskwright.link.silence import lines
from flaskwright.ssh import keepalive
from flaskwright.ssh.connection import Connection
from tests.sshd import Sshd, environment, path_of, script

Talk = Callable[..., list[dict[str, Any]]]

# What the small agents have in common; each goes on from here.
BEGIN = """
import bz2, io, json, os, sys, time
def frame():
    return sys.stdin.buffer.read(int(sys.stdin.buffer.readline()))
def say(**event):
    print(json.dumps(event), flush=True)
def run(wanted, host_state):
    stdin = io.BufferedReader(io.FileIO(0, closefd=False), 1)
    here = json.loads(bz2.decompress(stdin.read(int(stdin.readline()))))["state"]
"""
HELLO = '    say(event="hello")\n'


# One that asks for the agent three times, and waits whether more than one comes.
ASKS = """
    for _ in range(3):
        say(event="want", name="agent", value=None)
    import select
    frame()
    more = bool(select.select([0], [], [], 0.3)[0])
    say(event="hello")
"""


LOST = "time.sleep(0.1)\nos.kill(os.getppid(), 9)\ntime.sleep(5)"  # ends the sshd of the session


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The PATH on the host; tests change what is in it."""
    return path_of(tmp_path_factory.mktemp("path") / "bin", "sh", "env", "sleep", "sync")


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory, path: Path) -> Iterator[Sshd]:
    server = Sshd(tmp_path_factory.mktemp("sshd"), (environment(path),)).start()
    server.trusted()
    yield server
    server.stop()


@pytest.fixture
def connection(sshd: Sshd) -> Iterator[Connection]:
    host = Host(
        "pi",
        address="127.0.0.1",
        user=getpass.getuser(),
        port=sshd.port,
        identity=sshd.identity,
        known_hosts=sshd.known_hosts,
    )
    made = Connection(host, Config(overrides={"ssh_config_path": os.devnull}))
    yield made
    made.close()


@pytest.fixture
def talk(connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Talk:
    """Run an agent, of which `source` is the end; without one it is the real agent."""

    def run(
        source: str = "",
        mode: str = "check",
        on_event: transport.OnEvent | None = None,
        on_want: transport.OnWant = lambda name, value: b"",
        begin: str = HELLO,
    ) -> list[dict[str, Any]]:
        if source:
            agent = tmp_path / "agent"
            agent.mkdir(exist_ok=True)
            lines = "".join(f"    {line}\n" for line in source.splitlines())
            (agent / "loader.py").write_text(BEGIN + begin + lines)
            monkeypatch.setattr(payload, "AGENT", agent)
        events: list[dict[str, Any]] = []
        plan = {
            "mode": mode,
            "who": "me@here",
            "app": None,
            "state": str(tmp_path),
            "host_state": str(tmp_path / "host"),
            "site": {},
            "resources": [],
        }
        transport.exchange(connection, plan, on_event=on_event or events.append, on_want=on_want)
        return events

    return run


def test_the_real_agent(talk: Talk, connection: Connection) -> None:
    hello, end = talk()
    assert hello["event"] == "hello"
    assert hello["uid"] == os.geteuid()
    assert end["event"] == "end"
    assert connection.ask_to_stop is None


def test_the_agent_is_sent_to_a_host_that_lacks_it_in_the_same_exec(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    pack = payload.agent
    monkeypatch.setattr(payload, "agent", lambda: sent.append(pack()) or sent[-1])

    for _ in range(2):
        assert [event["event"] for event in talk(mode="apply")] == ["hello", "end"]

    assert len(sent) == 1


def test_it_is_sent_once_however_often_it_is_asked_for(talk: Talk) -> None:
    events = talk("say(event='end', more=more)", begin=ASKS)
    assert [event["event"] for event in events] == ["hello", "end"]
    assert events[1]["more"] is False


def test_two_on_one_connection(talk: Talk, connection: Connection) -> None:
    talk()
    first = connection.transport
    talk()
    assert connection.transport is first


def test_questions_are_answered(talk: Talk) -> None:
    events = talk(
        "say(event='want', id='x', name='commit', value={'have': []})\n"
        "say(event='end', answer=frame().decode(), second=None)",
        on_want=lambda name, value: f"{name} {value}".encode(),
    )
    assert [event["event"] for event in events] == ["hello", "end"]
    assert events[1]["answer"] == "commit {'have': []}"


def test_both_sides_have_much_to_say(talk: Talk) -> None:
    events = talk(
        "say(event='want', id='x', name='pack', value=None)\n"
        "for n in range(200):\n"
        "    say(event='progress', text='x' * 20000)\n"
        "    sys.stderr.write('y' * 20000 + '\\n')\n"
        "say(event='end', size=len(frame()))",
        on_want=lambda name, value: b"z" * 5_000_000,
    )
    assert len(events) == 202
    assert events[-1]["size"] == 5_000_000


def test_what_is_not_an_event_is_left_out(talk: Talk) -> None:
    events = talk(
        "print('Welcome!'); print('[1, 2]'); print('{\"a\": 1}')\n"
        "say(event='end')\n"
        "print('{\"event\": \"torn', end='')"
    )
    assert [event["event"] for event in events] == ["hello", "end"]


def test_locked_is_an_end(talk: Talk) -> None:
    assert talk("say(event='locked', who='x', since='y', what='z')")[-1]["event"] == "locked"


def test_it_waits_until_the_agent_has_gone(talk: Talk, tmp_path: Path) -> None:
    talk("say(event='end')\ntime.sleep(0.3)\nopen(here + '/unlocked', 'w')")
    assert (tmp_path / "unlocked").exists()


def test_stdin_stays_open(talk: Talk) -> None:
    events = talk("import select\nsay(event='end', ended=bool(select.select([0], [], [], 0.3)[0]))")
    assert events[-1]["ended"] is False


def test_the_agent_breaks(talk: Talk) -> None:
    with pytest.raises(StepFailed, match="the agent broke") as caught:
        talk("raise KeyError('of ours')")
    assert caught.value.log[-1] == "KeyError: 'of ours'"


def test_the_agent_does_not_begin(talk: Talk) -> None:
    with pytest.raises(Unreachable, match="did not start on pi") as caught:
        talk("pass\nsyntax error")
    assert any("SyntaxError" in line for line in caught.value.log)


def test_the_agent_is_killed(talk: Talk) -> None:
    with pytest.raises(StepFailed, match="the agent was killed on the host"):
        talk("os.kill(os.getpid(), 9)", "apply")


def test_whoever_followed_a_transaction_is_killed_and_it_goes_on(talk: Talk) -> None:
    with pytest.raises(LeftToHost, match="the agent was ended") as left:
        talk("say(event='detached', id='1')\nos.kill(os.getpid(), 9)", "apply")
    assert left.value.next == "./fab -H pi attach"


@pytest.mark.parametrize(("mode", "error"), [("apply", LeftToHost), ("check", Unreachable)])
def test_the_link_is_lost(talk: Talk, mode: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="the link was lost"):
        talk(LOST, mode)


@pytest.mark.parametrize(
    "question", ["", "say(event='want', id='x', name='y', value=None)\n"], ids=["event", "want"]
)
def test_an_error_on_this_side_ends_the_agent(talk: Talk, tmp_path: Path, question: str) -> None:
    def fail(*anything: object) -> bytes:
        raise RuntimeError("here")

    with pytest.raises(RuntimeError, match="here"):
        talk(
            f"{question}sys.stdin.buffer.read()\nopen(here + '/gone', 'w')",
            on_event=fail if not question else lambda event: None,
            on_want=fail,
        )
    deadline = time.monotonic() + 5
    while not (tmp_path / "gone").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(("mode", "may_stop"), [("apply", True), ("check", False)])
def test_a_stop_can_be_asked_for_while_something_is_changed(
    talk: Talk, connection: Connection, mode: str, may_stop: bool
) -> None:
    seen: list[bool] = []
    talk(
        "say(event='end')",
        mode,
        on_event=lambda event: seen.append(connection.ask_to_stop is not None),
    )
    assert seen == [may_stop, False]


def test_the_wish_to_stop_is_a_frame_between_the_answers(
    talk: Talk, connection: Connection
) -> None:
    def ask(event: dict[str, Any]) -> None:
        heard.append(event)
        if event["event"] == "hello":
            assert connection.ask_to_stop
            connection.ask_to_stop()

    heard: list[dict[str, Any]] = []
    talk("say(event='end', frame=repr(frame()))", "apply", on_event=ask)
    assert heard[-1]["frame"] == repr(payload.STOP)


def test_after_an_error_nobody_can_be_asked_to_stop(talk: Talk, connection: Connection) -> None:
    with pytest.raises(StepFailed):
        talk("raise KeyError('of ours')", "apply")
    assert connection.ask_to_stop is None


def test_what_is_lost_while_a_transaction_is_followed_goes_on_by_itself(talk: Talk) -> None:
    with pytest.raises(LeftToHost, match="the link was lost") as left:
        talk(f"say(event='detached', id='1')\n{LOST}", "apply")
    assert left.value.exit_code == 6
    assert left.value.why == "The host goes on by itself, and ends in commit or undo."
    assert left.value.next == "./fab -H pi attach"


def test_what_is_lost_before_that_stops_after_the_step_in_hand(
    talk: Talk, connection: Connection
) -> None:
    with pytest.raises(LeftToHost) as left:
        talk(LOST, "apply")
    assert left.value.why == "The host finishes the step in hand, then stops."
    assert connection.stage == ending.CHANGES


def test_a_host_that_says_nothing(talk: Talk, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(transport, "BEGIN_TIMEOUT", 0.3)
    with replaced(path / "id", "exec sleep 3"), pytest.raises(Unreachable, match="nothing came"):
        talk()


@pytest.mark.parametrize(("mode", "error"), [("apply", LeftToHost), ("check", Unreachable)])
def test_an_agent_that_falls_silent(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, mode: str, error: type[Exception]
) -> None:
    monkeypatch.setattr(transport, "SILENCE", 0.3)
    with pytest.raises(error, match="the host has said nothing for two minutes"):
        talk("time.sleep(30)", mode)


def test_a_silence_is_told(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "BEAT", 0.1)
    events = talk("time.sleep(0.5)\nsay(event='end')")
    waits = [event for event in events if event["event"] == "waiting"]
    assert waits[-1]["text"] == "nothing comes from pi"
    assert waits[-1]["seconds"] > 0


def test_a_plan_that_does_not_arrive(
    sshd: Sshd, talk: Talk, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The login goes through, and all that is large is swallowed on the way."""
    monkeypatch.setattr(transport, "BEGIN_TIMEOUT", 2)
    with swallowing(sshd.port) as port:
        connection.close()
        connection._set(settings=dataclasses.replace(connection.settings, port=port))
        connection.settings.known_hosts[0].open("a").write(
            f"[127.0.0.1]:{port} {sshd.host_key()}\n"
        )
        with pytest.raises(Unreachable, match="large packets are lost on the way to pi") as stuck:
            talk()
    assert "mtu 1280" in stuck.value.next


@contextmanager
def swallowing(port: int) -> Iterator[int]:
    """Pass on what comes and goes, but not what follows a large piece; gives the port for it."""

    def pass_on(source: socket.socket, target: socket.socket, largest: int) -> None:
        with suppress(OSError):
            while len(data := source.recv(1 << 16)) in range(1, largest):
                target.sendall(data)
            while source.recv(1 << 16):
                continue

    def serve() -> None:
        with suppress(OSError):
            here, _ = relay.accept()
            there = socket.create_connection(("127.0.0.1", port))
            for source, target, largest in ((here, there, 8192), (there, here, 1 << 20)):
                threading.Thread(
                    target=pass_on, args=(source, target, largest), daemon=True
                ).start()

    with socket.create_server(("127.0.0.1", 0)) as relay:
        threading.Thread(target=serve, daemon=True).start()
        yield int(relay.getsockname()[1])


def test_no_python(talk: Talk, path: Path) -> None:
    with replaced(path / "python3", None), pytest.raises(Unreachable, match="no python3 on pi"):
        talk()


def test_an_old_python(talk: Talk, path: Path) -> None:
    stage = f"""exec {sys.executable} -c 'import sys
sys.version_info = (3, 6, 9)
exec(sys.argv[1])' "$3" """
    with replaced(path / "python3", stage), pytest.raises(Unreachable, match="too old"):
        talk()


def test_no_sudo(talk: Talk, path: Path) -> None:
    with replaced(path / "id", "echo 1000"), pytest.raises(Unreachable, match="there is no sudo"):
        talk()


class replaced:  # noqa: N801 - reads as a statement
    """Put a script, or nothing, in the place of a program for a `with`."""

    def __init__(self, program: Path, text: str | None) -> None:
        self.program, self.text = program, text

    def __enter__(self) -> None:
        self.program.rename(self.program.with_suffix(".kept"))
        if self.text is not None:
            script(self.program, self.text)

    def __exit__(self, *exc: object) -> None:
        self.program.with_suffix(".kept").replace(self.program)


class Line:
    """A channel that keeps what is sent."""

    closed = False

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send(self, data: bytes) -> bool:
        self.sent.append(data)
        return True


def test_what_was_for_a_first_attempt_is_not_sent_to_the_next_one(connection: Connection) -> None:
    plan = {"mode": "check", "app": None, "resources": []}
    talk, first, second = transport.Talk(connection, plan, print, lambda *_: b""), Line(), Line()
    outbox: SimpleQueue[bytes | None] = SimpleQueue()
    for part in (b"the first plan", None):
        outbox.put(part)
    talk._line = second  # type: ignore[assignment]  # the next attempt has begun

    talk._write(first, outbox)  # type: ignore[arg-type]

    assert (first.sent, second.sent) == ([b"the first plan"], [])


def test_lines_leave_a_torn_one_out() -> None:
    chunks = iter([b"one\ntw", b"o\n", b"\nthr", b"ee", b""])
    found = lines(lambda size: next(chunks), LineBuffer())
    assert list(found) == [b"one", b"two", b""]


STOPPED = """
os.kill(os.getppid(), 19)
time.sleep(1)
os.kill(os.getppid(), 18)
say(event="end")
"""  # the sshd of the session says nothing meanwhile, as behind a cable that is pulled


@pytest.mark.parametrize(
    ("source", "is_heard"), [('time.sleep(1)\nsay(event="end")', True), (STOPPED, False)]
)
def test_a_silent_program_is_told_from_a_host_that_is_not_heard(
    talk: Talk, connection: Connection, monkeypatch: pytest.MonkeyPatch, source: str, is_heard: bool
) -> None:
    monkeypatch.setattr(keepalive, "EACH", 0.05)
    silences, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            silences.append(connection.unheard())

    watching = threading.Thread(target=watch)
    watching.start()
    talk(source)
    over.set()
    watching.join()

    assert (max(silences) < 0.6) == is_heard
    assert connection.unheard() == 0
