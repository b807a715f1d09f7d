"""An exec of the agent that has begun before there is a plan for it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from paramiko.ssh_exception import SSHException

from ..errors import Unreachable
from ..ssh.meanwhile import Meanwhile
from . import payload

if TYPE_CHECKING:
    from paramiko.channel import Channel

    from ..ssh.connection import Connection


class Begun:
    """An exec of the agent that waits for its plan, which may still be made meanwhile."""

    def __init__(self, connection: Connection, host_state: str, password: str) -> None:
        try:
            self.channel: Channel = connection.create_session()
        except SSHException as error:
            raise Unreachable(
                "the host takes no command", why=f"It accepts the login, then: {error}."
            ) from error
        self._head = payload.head(host_state, password)
        self.started = Meanwhile(self._start)

    def _start(self) -> None:
        self.channel.exec_command(payload.COMMAND)
        with suppress(OSError):  # it has ended already; the listener learns why
            self.channel.sendall(self._head)
