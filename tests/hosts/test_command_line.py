"""The command line where a host is at its other end: bytes, groups, JSON, sudo's password."""

from __future__ import annotations

import json
import os
import pty
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import sandbox
from tests.command_line import Said, Typed

from .conftest import Live, on
from .project import ROOT, table

pytestmark = on("bookworm", whole=["trixie"])

DATA = b"\0\xff\xfe\r\n\x1b[31m" + random.Random(13).randbytes(3 << 20) + b"no end"
PASSWORD = "correct horse"
USERS = f"""
set -e
sudo useradd --create-home --shell /bin/bash anna
sudo install -d -o anna -m 0700 /home/anna/.ssh
sudo install -o anna -m 0600 ~/.ssh/authorized_keys /home/anna/.ssh/authorized_keys
sudo adduser --quiet anna sudo
echo 'anna:{PASSWORD}' | sudo chpasswd
"""
NOBODY = "127.0.0.1"  # where no sshd listens on port 1


@pytest.fixture(scope="module")
def fab(live: Live, names: list[str]) -> Typed:
    """`./fab` beside a hosts.toml with several ways to two hosts."""
    live.shell(f"{{ {USERS}\n}}")
    names.append("test-bare")
    sandbox.up("test-bare", live.project.suite)
    host = live.host
    directory = live.project.directory
    (directory / "ssh").write_text(
        f"Host *\nIdentitiesOnly yes\nUserKnownHostsFile {host.known_hosts}\n"
        "GlobalKnownHostsFile none\n"
        f"IdentityFile {host.identity}\n"
    )
    live.project.write(_hosts(live))
    return Typed(directory, None)


def _hosts(live: Live) -> str:
    """Return a hosts.toml in which the host has several names, one for each thing to go wrong."""
    text = live.project.hosts.read_text()
    place = {"guide": "raspberry-pi", "app": "guestbook", "sandbox": {"suite": live.project.suite}}
    text += table("hosts.test-bare", place)
    for name, user, port in (("anna", "anna", 22), ("nobody", "nobody", 22), ("shut", "pi", 1)):
        app = f"{name}-app"
        address = NOBODY if port == 1 else live.address
        text += table(f"apps.{app}", {"repo": "app"})
        keys = {"guide": "raspberry-pi", "app": app, "address": address, "user": user, "port": port}
        text += table(f"hosts.{name}", keys | {"domain": f"{name}.example.org"})
    return f'groups = {{ home = ["{live.project.name}", "test-bare"] }}\n' + text


def with_ssh(fab: Typed, *words: str, known: bool = True) -> Said:
    """Run it with the ssh configuration above, or one to which no host is known."""
    config = fab.directory / "ssh"
    if not known:
        config = fab.directory / "strange"
        text = (fab.directory / "ssh").read_text()
        lines = [line for line in text.splitlines() if not line.startswith("UserKnown")]
        config.write_text("\n".join([*lines, "UserKnownHostsFile none"]))
    return fab("-S", str(config), *words, FLASKWRIGHT_HOSTS=str(fab.directory / "hosts.toml"))


def test_run_passes_every_byte_on_in_both_directions(live: Live, fab: Typed) -> None:
    said = fab("-H", live.project.name, "run", "cat; echo told >&2; exit 7", given=DATA)
    assert (said.code, said.raw == DATA, len(said.raw)) == (7, True, len(DATA))
    assert said.err == "told\n"


def test_what_run_is_given_reaches_a_file_of_the_app(live: Live, fab: Typed) -> None:
    name = live.project.name
    assert fab("-H", name, "run", "cat > /srv/guestbook/shared/F", given=DATA).code == 0
    assert fab("-H", name, "run", "cat /srv/guestbook/shared/F").raw == DATA


def test_a_program_that_wants_only_some_of_it_ends(live: Live, fab: Typed) -> None:
    said = fab("-H", live.project.name, "run", "head -c 10", given=DATA)
    assert (said.code, said.raw) == (0, DATA[:10])


def test_a_program_whose_output_nobody_reads_any_more_ends_there(live: Live, fab: Typed) -> None:
    command = f"{ROOT / 'fab'} -H {live.project.name} run 'yes 4321'"
    line = f"{command} | head -c 20; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line], cwd=fab.directory, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.endswith("4321\n141\n"), done.stdout + done.stderr
    assert done.stderr == ""
    live.shell("! pgrep -f '[y]es 4321'")


def test_a_command_for_whoever_logs_in_passes_every_byte_on_too(live: Live, fab: Typed) -> None:
    said = fab("-H", live.project.name, "--", "cat; exit 3", given=DATA)
    assert (said.code, said.raw == DATA) == (3, True)


def test_each_part_of_an_answer_stands_under_its_host_and_all_end_in_a_table(
    live: Live, fab: Typed
) -> None:
    said = fab("-H", "home", "status")
    name = live.project.name
    parts = said.out.split("==> ")
    assert [part.split(" <==")[0] for part in parts[1:]] in (
        [name, "test-bare"],
        ["test-bare", name],
    ), said.out
    mine = next(part for part in parts if part.startswith(f"{name} <=="))
    assert f"release: {live.current()}" in mine
    *_, first, second = said.out.splitlines()
    assert first.split() == [name, "done", "release", live.current()]
    assert second.split()[0] == "test-bare"
    said = fab("-H", f"test-bare,{name}", "--", "hostname")
    assert f"==> test-bare <==\ntest-bare\n\n==> {name} <==\n{name}\n" in said.out


CAUSES = [
    ("-H {name} rollback --to nothing --json", 1, "nothing"),
    ("-H anna status --json", 5, "sudo on anna wants a password"),
    ("-H nobody status --json", 5, "refused the login"),
    ("-H shut status --json", 5, "the connection was refused"),
    ("-H test-bare verify --json", 1, "no release to verify"),
    ("-H {name},shut status --json", 5, "the connection was refused"),
]


@pytest.mark.parametrize(("typed", "code", "error"), CAUSES, ids=[typed for typed, _, _ in CAUSES])
def test_json_has_every_error(live: Live, fab: Typed, typed: str, code: int, error: str) -> None:
    said = with_ssh(fab, *typed.format(name=live.project.name).split())
    assert said.code == code, str(said)
    told = [each for each in said.json["hosts"].values() if each.get("error")]
    assert [each["exit_code"] for each in told] == [code]
    assert error in told[0]["error"]


def test_json_has_a_host_key_that_nobody_knows_and_what_to_type(fab: Typed) -> None:
    told = with_ssh(fab, "-H", "anna", "status", "--json", known=False).json["hosts"]["anna"]
    assert told["exit_code"] == 5
    assert "is not known" in told["error"]
    assert told["next"] == f"{fab.fab} -H anna hosts.trust"


def test_json_has_an_interrupt(live: Live, fab: Typed) -> None:
    live.shell("sudo systemd-run --quiet --unit=holds flock /run/lock/held sleep 60", check=False)
    process = subprocess.Popen(
        [fab.fab, "-H", live.project.name, "verify", "--json"],
        cwd=fab.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    _until_connected(process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    told = json.loads(out)["hosts"][live.project.name]
    assert (process.returncode, told["exit_code"], told["error"]) == (1, 1, "interrupted"), err


def _until_connected(process: subprocess.Popen[str]) -> None:
    """Wait until it has a connection: a socket that is neither a pipe nor a file."""
    ends = time.monotonic() + 30
    descriptors = Path(f"/proc/{process.pid}/fd")
    while not any("socket:" in _leads_to(each) for each in descriptors.iterdir()):
        assert process.poll() is None and time.monotonic() < ends
        time.sleep(0.01)


def _leads_to(descriptor: Path) -> str:
    """Return what a descriptor is, or nothing where it was closed meanwhile."""
    try:
        return os.readlink(descriptor)
    except FileNotFoundError:
        return ""


@contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    """A person's end of a terminal, and the program's."""
    person, program = pty.openpty()
    try:
        yield person, program
    finally:
        os.close(person)


def at_a_terminal(fab: Typed, answers: list[str], *words: str) -> tuple[int, str]:
    """Run it at a terminal and answer each question for a password; gives code and screen."""
    config = str(fab.directory / "ssh")
    with terminal() as (person, program):
        process = subprocess.Popen(
            [fab.fab, "-S", config, *words], cwd=fab.directory, start_new_session=True,
            stdin=program, stdout=program, stderr=program,
            env={**os.environ, "FLASKWRIGHT_HOSTS": str(fab.directory / "hosts.toml")},
        )  # fmt: skip
        os.close(program)
        screen = _answered(person, answers)
        return process.wait(60), screen


def _answered(person: int, answers: list[str]) -> str:
    screen, left = "", list(answers)
    while True:
        try:
            more = os.read(person, 4096).decode()
        except OSError:  # EIO: the program has closed it
            return screen
        screen += more
        if left and screen.count("Password of anna") > len(answers) - len(left):
            os.write(person, f"{left.pop(0)}\n".encode())


def test_sudo_s_password_is_asked_for_at_a_terminal(fab: Typed) -> None:
    code, screen = at_a_terminal(fab, ["wrong", PASSWORD], "-H", "anna", "verify")
    assert screen.count("Password of anna for sudo on anna") == 2, screen
    assert "refuses that password" in screen
    assert PASSWORD not in screen
    assert code == 1, screen  # it came to the question: there is no such app
    assert "anna-app has no release" in screen


def test_it_is_asked_for_three_times_at_most(fab: Typed) -> None:
    code, screen = at_a_terminal(fab, ["wrong"] * 4, "-H", "anna", "status")
    assert screen.count("Password of anna for sudo on anna") == 3, screen
    assert code == 5
    assert "sudo on anna refuses" in screen


def test_where_nobody_is_at_a_terminal_the_error_says_what_to_do(fab: Typed) -> None:
    said = with_ssh(fab, "-H", "anna", "status")
    assert said.code == 5
    assert "sudo on anna wants a password" in said.err
    assert "at a terminal, which asks" in said.err
