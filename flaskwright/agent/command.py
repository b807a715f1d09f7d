"""Programs of the host: started from argument lists, watched to their end."""

from __future__ import annotations

import os
import pwd
import selectors
import signal
import subprocess
import time
from collections import deque

from .errors import Failed
from .linebuffer import LineBuffer
from .text import clean, cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypedDict

    class How(TypedDict, total=False):
        """How a program is run: `env` is added to a small environment, `timeout` is in seconds.

        `descriptors` stay open in it. `tail`: only its last lines matter, however much it says.
        """

        user: str | None
        env: dict[str, str] | None
        cwd: str | None
        input: bytes | None
        timeout: float | None
        descriptors: tuple[int, ...]
        tail: bool


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PROXIES = ("http_proxy", "https_proxy", "no_proxy")
KEPT = (*PROXIES, "XDG_RUNTIME_DIR")
GRACE = 5.0  # seconds between SIGTERM and SIGKILL
MOST = 32 << 20  # bytes of what a program may say, be it a stranger's that we only ask
KEPT_LINES = 10_000  # the last ones
LONGEST = 1 << 14  # bytes of a line
NAMED = 3  # words of a command line that name it in a message


class Output:
    """What came of a program; `lines` holds both streams as they arrived."""

    def __init__(self, name: str, status: int, out: str, err: str, lines: list[str]) -> None:
        self.name = name
        self.status = status
        self.out = out
        self.err = err
        self.lines = lines
        self.data = b""  # `out` as it came

    @property
    def ending(self) -> str:
        """How it has ended, in words."""
        if self.status >= 0:
            return "exit status %d" % self.status
        return "ended by %s" % signal.Signals(-self.status).name

    def tail(self, count: int = 15) -> list[str]:
        """Give the last lines that say something."""
        return [line for line in self.lines if line.strip()][-count:]


def execute(argv: Sequence[str], how: How, on_line: Callable[[str], None] | None = None) -> Output:
    """Run `argv` in a process group of its own; each line goes to `on_line` as it comes."""
    given = how.get("input")
    with started(argv, how) as process:
        watch = _Watch(process, given or b"", _Lines(on_line), how)
        return watch.finish(" ".join(argv[:NAMED]))


def started(argv: Sequence[str], how: How) -> subprocess.Popen[bytes]:
    """Start `argv` in a process group of its own; raises Failed where there is no such program."""
    user, cwd, given = how.get("user"), how.get("cwd") or "/", how.get("input")
    try:
        return subprocess.Popen(
            [*_becoming(user), *argv],
            stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(user, how.get("env")),
            cwd=cwd,
            start_new_session=True,
            pass_fds=how.get("descriptors", ()),
        )
    except FileNotFoundError:
        missing = argv[0] if os.path.isdir(cwd) else cwd
        raise Failed("%s is not on this host" % missing) from None


def _becoming(user: str | None) -> list[str]:
    if user is None or os.geteuid() != 0:
        return []
    account = pwd.getpwnam(user)
    ids = ["--reuid", str(account.pw_uid), "--regid", str(account.pw_gid), "--init-groups"]
    return ["setpriv", *ids, "--no-new-privs", "--"]


def _environment(user: str | None, more: dict[str, str] | None) -> dict[str, str]:
    account = pwd.getpwnam(user) if user else pwd.getpwuid(os.geteuid())
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment.update(
        LC_ALL="C.UTF-8",
        PATH=PATH,
        HOME=account.pw_dir,
        USER=account.pw_name,
        LOGNAME=account.pw_name,
    )
    environment.update(more or {})
    return environment


class _Watch:
    """Reads both streams of a process while it runs and feeds its input."""

    def __init__(
        self, process: subprocess.Popen[bytes], given: bytes, lines: _Lines, how: How
    ) -> None:
        self.process = process
        self.given = memoryview(given)
        self.lines = lines
        self.limit = how.get("timeout")
        self.tail = how.get("tail", False)
        self.started = time.monotonic()
        self.read: dict[str, list[bytes]] = {"out": [], "err": []}
        self.size = 0

    def finish(self, name: str) -> Output:
        """Wait for the end of the process; a child that it leaves behind is not waited for."""
        try:
            self._read_all()
            self._wait()
        except TimeoutError:
            self._kill()
            what = "%s took longer than %d s and was ended" % (name, self.limit or 0)
            raise Failed(what, log=self.lines.finish()[-15:]) from None
        except OverflowError:
            self._kill()
            what = "%s said more than %d MiB and was ended" % (name, MOST >> 20)
            raise Failed(what, log=self.lines.finish()[-15:]) from None
        except BaseException:  # a stop does not wait for it
            self._kill()
            raise
        data = b"".join(self.read["out"])
        out, err = (each.decode("utf-8", "replace") for each in (data, b"".join(self.read["err"])))
        output = Output(name, self.process.returncode, out, err, self.lines.finish())
        output.data = data
        return output

    def _read_all(self) -> None:
        with selectors.DefaultSelector() as streams:
            self._register(streams)
            ended = False
            while streams.get_map() and not ended:
                ended = self.process.poll() is not None  # then a look has all that was its own
                for key, _ in streams.select(0.2):
                    self._serve(streams, key)
                self._mind_the_time()

    def _wait(self) -> None:
        while self.process.poll() is None:
            self._mind_the_time()
            try:
                self.process.wait(0.2)
            except subprocess.TimeoutExpired:
                continue

    def _register(self, streams: selectors.BaseSelector) -> None:
        for name, stream in (("out", self.process.stdout), ("err", self.process.stderr)):
            if stream is not None:
                streams.register(stream, selectors.EVENT_READ, name)
        if self.process.stdin is not None:
            os.set_blocking(self.process.stdin.fileno(), False)
            streams.register(self.process.stdin, selectors.EVENT_WRITE, "in")

    def _serve(self, streams: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        if key.data == "in":
            more = self._feed(key.fd)
        else:
            data = os.read(key.fd, 65536)
            self._keep(key.data, data)
            self.lines.add(key.data, data)
            more = bool(data)
        if not more:
            streams.unregister(key.fileobj)
            if key.data == "in" and self.process.stdin is not None:
                self.process.stdin.close()

    def _keep(self, stream: str, data: bytes) -> None:
        self.size += len(data)
        if self.size <= MOST:
            self.read[stream].append(data)
        elif not self.tail:
            raise OverflowError

    def _feed(self, descriptor: int) -> bool:
        try:
            self.given = self.given[os.write(descriptor, self.given[:65536]) :]
        except BrokenPipeError:
            return False
        return bool(self.given)

    def _mind_the_time(self) -> None:
        if self.limit is not None and time.monotonic() - self.started > self.limit:
            raise TimeoutError

    def _kill(self) -> None:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, sign)
                self.process.wait(GRACE)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


class _Lines:
    """Whole lines of two streams in the order of their ends; a carriage return ends one too."""

    def __init__(self, on_line: Callable[[str], None] | None) -> None:
        self.on_line = on_line
        self.done: deque[bytes] = deque(maxlen=KEPT_LINES)
        self.buffers = {name: LineBuffer(LONGEST, cuts=True) for name in ("out", "err")}

    def add(self, stream: str, data: bytes) -> None:
        """Take what was read; an incomplete line waits for its end."""
        self._take(self.buffers[stream].add(data.replace(b"\r", b"\n")))

    def finish(self) -> list[str]:
        """Give all lines, the last ones without an end too."""
        for buffer in self.buffers.values():
            self._take([buffer.rest()])
        return list(filter(None, map(_shown, self.done)))

    def _take(self, said: list[bytes]) -> None:
        self.done.extend(filter(None, said))
        if self.on_line:
            for line in filter(None, map(_shown, said)):
                self.on_line(line)


def _shown(said: bytes) -> str:
    return cut(clean(said.decode("utf-8", "replace")).rstrip())
