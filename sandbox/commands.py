"""Programs of this machine: run to their end, or set going in a session of their own."""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flaskwright.errors import Unreachable

Progress = Callable[[str], None]

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}
KEPT_LINES = 15

# Writes its process id, and becomes the program: the id stays valid.
BECOME = 'echo $$ >"$1.new" && mv "$1.new" "$1" && shift && exec "$@"'


def quiet(text: str) -> None:
    """A progress that nobody reads."""


def run(argv: Sequence[str], *, input: str | None = None, check: bool = True) -> str:
    """What the program printed (both streams); Unreachable when it fails, unless check is off."""
    done = subprocess.run(
        argv,
        input=input,
        stdin=None if input is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    if check and done.returncode:
        raise failure(argv, done.returncode, done.stdout.splitlines())
    return done.stdout


def succeeds(argv: Sequence[str]) -> bool:
    """Whether the program ends with status 0."""
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, env=ENVIRONMENT, check=False
    )
    return done.returncode == 0


def follow(argv: Sequence[str], progress: Progress, end: signal.Signals = signal.SIGTERM) -> None:
    """Run a long program and hand on each line that it prints; end: how it is stopped early."""
    lines: list[str] = []
    with subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                progress(line.rstrip())
        except BaseException:  # Ctrl-C too: it must not work on while we clean up
            process.send_signal(end)
            process.wait()
            raise
    if process.returncode:
        raise failure(argv, process.returncode, lines)


def failure(argv: Sequence[str], status: int, lines: Sequence[str]) -> Unreachable:
    """The error for a program of this machine that failed."""
    return Unreachable(
        f"sandbox: {Path(argv[0]).name} failed on this machine",
        why=f"It ended with status {status}.",
        log=lines[-KEPT_LINES:],
    )


@dataclass(frozen=True)
class Process:
    """A process by id and start time (clock ticks since boot), so that no other is taken for it."""

    pid: int
    started: int

    @property
    def alive(self) -> bool:
        """Whether it still runs; one that only waits to be reaped does not."""
        return start_time(self.pid) == self.started


def start_time(pid: int) -> int | None:
    """Field 22 of /proc/PID/stat; None when there is no such process, or only its remains."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def spawn(argv: Sequence[str], *, pidfile: Path, log: Path) -> Process:
    """Start a program that outlives this one, its output going to log."""
    pidfile.unlink(missing_ok=True)
    with log.open("ab") as output:
        subprocess.run(
            ["setsid", "--fork", "sh", "-c", BECOME, "sh", str(pidfile), *argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=ENVIRONMENT,
            check=True,
        )
    wait_until(pidfile.exists, seconds=10, what=f"{argv[0]} did not start")
    pid = int(pidfile.read_text())
    return Process(pid, start_time(pid) or 0)


def wait_until(
    condition: Callable[[], bool], *, seconds: float, what: str, log: Callable[[], list[str]] = list
) -> None:
    """Look every 10 ms until the condition holds; Unreachable with the log after that long."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Unreachable(f"sandbox: {what}", why=f"Waited {seconds:g} s.", log=log())
        time.sleep(0.01)


def last_lines(log: Path) -> list[str]:
    """The end of a log file, for an error."""
    try:
        return log.read_text(errors="replace").splitlines()[-KEPT_LINES:]
    except OSError:
        return []
