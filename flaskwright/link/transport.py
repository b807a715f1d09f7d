"""The one road to a host: one exec that takes the agent and a plan in and gives events back.

A raw channel, never a terminal, and never Fabric's `run`, whose stdin takes a character in 10 ms.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from paramiko.ssh_exception import SSHException

from flaskwright.agent.common.line_buffer import LONGEST, LineBuffer, TooLong
from flaskwright.agent.common.text import lines as lines_of
from flaskwright.agent.common.text import one_line

from ..secrets.operator_passwords import sudo_password
from ..ssh.keepalive import Pulse
from . import ending, events, payload, sudo
from .begun import Begun
from .events import Event, Nonsense
from .silence import PatientChannel, hear_out, lines, patient

if TYPE_CHECKING:
    from paramiko.channel import Channel

    from ..ssh.connection import Connection

__all__ = ["Event", "OnEvent", "OnStdin", "OnWant", "begin", "exchange"]

OnEvent = Callable[[Event], None]
OnWant = Callable[[str, Any], bytes]
OnStdin = Callable[[Callable[[bytes], None]], None]

LOG_LINES = 40
SILENCE = 120  # seconds without a word of the agent, which has one in ten, even while it waits
REMARK = 64 << 10  # bytes of a line that is no event
SENT = b"sent"  # in the outbox, behind the plan; it is not sent itself
BEGIN_TIMEOUT = 60  # seconds in which nothing moves, until the agent says hello; sudo is in it
LEAVE_TIMEOUT = 10  # seconds for the agent to go after its last event, and to let its lock go


def begin(connection: Connection) -> None:
    """Connect, and start the agent, while its plan is still made; `exchange` goes on from there."""
    given = sudo.given(connection)
    connection.open_meanwhile(partial(Begun, connection, connection.host.host_state, given))


def exchange(
    connection: Connection,
    plan: dict[str, Any],
    *,
    on_event: OnEvent,
    on_want: OnWant,
    on_stdin: OnStdin | None = None,
) -> None:
    """Run the agent with `plan` on the host; returns when it has said `end` or `locked`.

    `on_event` gets each event but `want`; `on_want(name, value)` returns the answer to that, empty
    when there is none. `on_stdin(send)` has a piece of standard input sent, whenever there is one;
    without it the host gets none. What they raise ends the exchange, and the agent after the
    resource in hand. Raises Unreachable before the agent's first event, LeftToHost when the link
    is lost while it applies, StepFailed when the agent itself breaks, StepFailed or NeedsPerson
    when what comes is nothing that an agent says.
    """
    talk = Talk(connection, plan, on_event, on_want)
    talk.on_stdin = on_stdin
    connection.open()
    begun, connection.begun = connection.begun, None
    for password in sudo.passwords(connection, talk.log):
        status, begun = talk.run(password, begun), None
        if talk.begun or status not in (payload.PASSWORD_WANTED, payload.PASSWORD_REFUSED):
            break
    if not talk.begun:
        kept = sudo_password(connection.host)
        raise ending.not_begun(status, connection.host.name, connection.user, kept, talk.log)
    if not talk.ended:
        raise ending.not_ended(status, connection.host.name, connection.stage, talk.log)


class Talk:
    """One exec of the agent: its state as far as this side knows it."""

    on_stdin: OnStdin | None = None

    def __init__(
        self, connection: Connection, plan: dict[str, Any], on_event: OnEvent, on_want: OnWant
    ) -> None:
        self.connection = connection
        self.plan = plan
        self.begun = self.ended = False
        follows = any(resource["kind"] == "attach" for resource in plan["resources"])
        connection.stage = ending.FOLLOWS if follows else ending.ASKS
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self._on_event = on_event
        self._on_want = on_want
        self._outbox: SimpleQueue[bytes | None]
        self._line: PatientChannel
        self._is_reading = self._lacks_agent = False

    def run(self, password: str, begun: Begun | None) -> int:
        """Talk to the agent to the end; returns the exit status, or one that ending.py names."""
        begun = begun or Begun(self.connection, self.plan["host_state"], password)
        channel, self._outbox = begun.channel, SimpleQueue()  # empty: attempts share nothing
        try:
            begun.started.wait(self._mind_the_start)
            self._line = PatientChannel(channel, self._tell_silence, BEGIN_TIMEOUT)
            _started(self._write, self._line, self._outbox)
            errors = _started(self._keep_errors, channel)
            with Pulse(self.connection.transport) as pulse:
                self.connection.unheard = pulse.silence
                self._send_plan()
                self._listen(channel)
            errors.join(timeout=1)
            return _exit_status(channel)
        except TimeoutError:
            return ending.STUCK if self._is_reading else ending.SILENT
        except SSHException:  # the link went while the command was sent
            return ending.LOST
        except (Nonsense, TooLong) as error:
            host = self.connection.host.name
            raise ending.nonsense(host, self.connection.stage, str(error)) from None
        finally:
            channel.close()
            self.connection.ask_to_stop = None
            self.connection.unheard = float
            self._outbox.put(None)

    def _send_plan(self) -> None:
        """Put out the plan; from then on the agent may be asked to stop."""
        self._outbox.put(payload.opening(self.plan))
        if self.plan["mode"] == "apply":
            self._outbox.put(SENT)

    def _mind_the_start(self, seconds: float) -> None:
        if seconds > BEGIN_TIMEOUT:
            raise TimeoutError
        self._tell_silence(seconds)

    def _tell_silence(self, seconds: float) -> None:
        """Say that nothing comes from the host, and what we are at."""
        host = self.connection.host.name
        text = f"nothing comes from {host}"
        if not self.begun:
            what = "agent" if self._lacks_agent else "plan"
            text = f"sends {host} the {what}" if self._is_reading else f"waits for Python on {host}"
        self._on_event({"event": "waiting", "text": text, "seconds": round(seconds, 1)})

    def _listen(self, channel: Channel) -> None:
        for line in lines(self._line.receive, LineBuffer(LONGEST)):
            event = self._event(line)
            if event:
                self._take(event, channel)
                if self.ended:
                    channel.settimeout(LEAVE_TIMEOUT)
                    hear_out(channel, LEAVE_TIMEOUT)
                    return
            else:
                self._remark(line)

    def _event(self, line: bytes) -> Event | None:
        """Return the event in a line; before the agent says hello, all else is a login script's."""
        try:
            event = events.read(line)
        except events.Nonsense:
            if self.begun:
                raise
            return None
        return event if self.begun or events.begins(event) else None

    def _take(self, event: Event, channel: Channel) -> None:
        match event["event"]:
            case "want" if not self.begun:
                self._give_agent()
                return
            case "want" if event["name"] == "stdin" and self.on_stdin:
                self.on_stdin(self._send)
                return
            case "want":
                answer = self._on_want(event["name"], event.get("value"))
                self._outbox.put(payload.frame(answer))
                self._line.begin_again()
                return
            case "hello":
                self.begun = True
                if self.plan["mode"] == "apply":
                    self.connection.stage = ending.CHANGES
                    self.connection.ask_to_stop = self._ask_to_stop
                self._line.limit = SILENCE
            case "detached":
                self.connection.stage = ending.FOLLOWS
            case "end" | "locked":
                self.ended = True
                self.connection.stage = ending.DONE
                self.connection.ask_to_stop = None
        self._on_event(event)

    def _give_agent(self) -> None:
        """Send the agent to a host that has not had this version yet, once."""
        if not self._lacks_agent:
            self._lacks_agent = True
            self._send(payload.agent())

    def _ask_to_stop(self) -> None:
        self._send(payload.STOP)

    def _send(self, data: bytes) -> None:
        self._outbox.put(payload.frame(data))

    def _write(self, line: PatientChannel, outbox: SimpleQueue[bytes | None]) -> None:
        """Send what is put out, in a thread: both sides may have much to say at once.

        They are of one attempt: it may still send when the next one, with a password, has begun.
        """
        try:
            for data in iter(outbox.get, None):
                if data is SENT:
                    self.connection.ask_to_stop = None if line.closed else self._ask_to_stop
                elif not line.send(data):
                    return
        except (OSError, SSHException):
            return  # the listener learns why

    def _keep_errors(self, channel: Channel) -> None:
        for line in lines(patient(channel.recv_stderr), LineBuffer(REMARK, cuts=True)):
            if line == payload.READING:
                self._is_reading = True
            else:
                self._remark(line)

    def _remark(self, line: bytes) -> None:
        for text in lines_of(line):
            self.log.append(one_line(text))


def _started(target: Callable[..., None], *arguments: Any) -> threading.Thread:
    thread = threading.Thread(target=target, args=arguments, daemon=True)
    thread.start()
    return thread


def _exit_status(channel: Channel) -> int:
    """Return it; a host that says that the command is over, and no status, means a signal."""
    channel.status_event.wait(1)
    status = int(channel.exit_status)
    return ending.KILLED if status == ending.LOST and channel.eof_received else status
