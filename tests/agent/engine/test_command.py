import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flaskwright.agent.common.text import CUT, LONGEST
from flaskwright.agent.engine import activity, path_mtu, silence, traffic, watch
from flaskwright.agent.engine.errors import Failed, Stopped
from flaskwright.agent.engine.output import KEPT_LINES
from flaskwright.agent.engine.run import Run
from flaskwright.agent.engine.watch import Silent

from ..support import ME, Operator


def test_both_streams_and_the_status(run: Run) -> None:
    output = run.command(["sh", "-c", "echo out; echo err >&2; exit 3"], check=False)
    assert (output.status, output.out, output.err) == (3, "out\n", "err\n")
    assert sorted(output.lines) == ["err", "out"]


def test_a_failure_has_the_last_lines(run: Run) -> None:
    with pytest.raises(Failed) as failed:
        run.command(["sh", "-c", "seq 30; exit 1"])
    assert failed.value.what == "sh -c seq 30; exit 1: exit status 1"
    assert failed.value.log == [str(number) for number in range(16, 31)]


def test_the_environment_is_ours(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("https_proxy", "http://proxy:1")
    output = run.command(["env"], env={"EXTRA": "1"}, cwd="/usr")
    assert "PYTHONPATH" not in output.out
    for line in ("LC_ALL=C.UTF-8", f"USER={ME}", "EXTRA=1", "https_proxy=http://proxy:1"):
        assert line in output.lines
    assert run.command(["pwd"]).out == "/\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_as_another_user_without_new_privileges(run: Run) -> None:
    script = "id -un; echo $HOME; grep NoNewPrivs /proc/self/status"
    output = run.command(["sh", "-c", script], user="nobody")
    assert output.lines == ["nobody", "/nonexistent", "NoNewPrivs:\t1"]


def test_input_of_any_size(run: Run) -> None:
    assert run.command(["wc", "-c"], input=b"x" * 1_000_000).out == "1000000\n"
    assert run.command(["true"], input=b"x" * 1_000_000).status == 0
    assert run.command(["cat"]).out == ""


def test_what_takes_too_long_is_ended_with_its_children(run: Run) -> None:
    started = time.monotonic()
    with pytest.raises(Failed, match="took longer than 1 s"):
        run.command(["sh", "-c", "sleep 30 & sleep 30"], timeout=1)
    assert time.monotonic() - started < 5


@pytest.fixture
def mute(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port that takes connections and says nothing on them."""
    for module, name, value in ((watch, "LOOK", 0.1), (path_mtu, "PATIENCE", 0.2)):
        monkeypatch.setattr(module, name, value)
    for module in (activity, traffic):
        monkeypatch.setattr(module, "SHORT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


CONNECTED = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1]))).recv(1)"


def test_who_hears_nothing_from_the_network_is_ended(run: Run, mute: int) -> None:
    argv = [sys.executable, "-c", CONNECTED, str(mute)]
    began = time.monotonic()
    with pytest.raises(Silent) as silent:
        run.command(argv, silence=1.0, urls=[f"http://localhost:{mute}/"], name="apt-get update")
    what = "apt-get update has heard nothing from localhost for 1 s, and was ended"
    assert silent.value.what == what
    assert silent.value.next == "check the host's network, and run the same command again"
    assert time.monotonic() - began < 8


def test_who_is_silent_for_another_reason_is_not(run: Run, mute: int) -> None:
    assert run.command(["sh", "-c", "sleep 2"], silence=0.5).status == 0


def test_what_it_waits_for_is_told(run: Run, mute: int, operator: Operator) -> None:
    run.patience = 0.6
    argv = [sys.executable, "-c", CONNECTED, str(mute)]
    with silence.told(run), pytest.raises(Failed):
        run.command(argv, silence=3.0, urls=[f"http://localhost:{mute}/"], name="git fetch")
    words = {event["text"] for event in operator.events() if event["event"] == "waiting"}
    assert "git fetch waits for localhost" in words


def test_a_daemon_that_is_left_behind_is_not_waited_for(run: Run) -> None:
    started = time.monotonic()
    assert run.command(["sh", "-c", "sleep 3 & echo done"]).out == "done\n"
    assert time.monotonic() - started < 2


def test_a_daemon_that_goes_on_talking_is_not_waited_for(run: Run) -> None:
    program = "seq 5000; (while sleep 0.02; do echo noise; done) &"

    output = run.command(["sh", "-c", program], timeout=20.0)

    assert output.lines[:5000] == [str(number) for number in range(1, 5001)]


def test_a_program_that_is_not_there(run: Run) -> None:
    with pytest.raises(Failed, match="no-such-program is not on this host"):
        run.command(["no-such-program"])
    with pytest.raises(Failed, match="/no/where is not on this host"):
        run.command(["true"], cwd="/no/where")


def test_progress_shows_cleaned_lines(run: Run, operator: Operator) -> None:
    run.command(["printf", "\\033[1mhalf\\r50 %%\\303\\251\\n"], progress=True)
    assert operator.events()[0]["text"] == "half"


def test_a_letter_torn_between_two_reads_stays_whole(run: Run) -> None:
    script = "printf '\\303'; sleep 0.1; printf '\\251'"
    assert run.command(["sh", "-c", script]).lines == ["é"]


def test_children_have_neither_our_streams_nor_our_files(run: Run) -> None:
    with Path("/dev/null").open():
        output = run.command(["sh", "-c", "ls -l /proc/self/fd | grep -c dev/null"], check=False)
    assert output.out == "1\n"  # stdin


def test_a_stop_does_not_wait_for_the_program_in_hand(run: Run, tmp_path: Path) -> None:
    def stop(number: int, frame: object) -> None:
        raise Stopped("stopped")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(Stopped):
            run.command(["sh", "-c", f"sleep 0.2; touch {tmp_path}/done"])
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not (tmp_path / "done").exists()


def test_any_byte_and_any_line_is_taken(run: Run) -> None:
    script = r"printf 'a\342\200\250b\377\n\033[31mc\n'; head -c 100000 /dev/zero | tr '\0' x"
    output = run.command(["sh", "-c", script])
    first, second, third = output.lines
    assert (first, second) == ("ab\ufffd", "c")
    assert len(third) == LONGEST
    assert third.endswith(CUT)


def test_only_the_last_lines_are_kept(run: Run) -> None:
    output = run.command(["seq", "30000"])
    assert len(output.lines) == KEPT_LINES
    assert output.lines[-1] == "30000"
    assert output.out.startswith("1\n")


def test_a_program_that_says_too_much_is_ended(run: Run) -> None:
    began = time.monotonic()
    with pytest.raises(Failed) as failed:
        run.command(["yes"])
    assert failed.value.what == "yes said more than 32 MiB and was ended"
    assert failed.value.log == ["y"] * 15
    assert time.monotonic() - began < 20


def test_of_what_says_a_great_deal_the_last_lines_may_be_had(run: Run) -> None:
    script = "head -c 40000000 /dev/zero | tr '\\0' x; echo; echo last"
    output = run.command(["sh", "-c", script], tail=True)
    assert output.lines[-1] == "last"
    assert [len(line) for line in output.lines] == [LONGEST, len("last")]
    assert len(output.out) <= 32 << 20
