"""A person's terminal joined to a program on a host, key by key."""

from __future__ import annotations

import os
import select
import shutil
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import LeftToHost
from .keepalive import GIVEN_UP, Pulse

if TYPE_CHECKING:
    from paramiko.channel import Channel

    from .connection import Connection

PAUSE = 0.5  # seconds between two looks at the window's size


def attach(connection: Connection, command: str) -> int:
    """Run a command on a terminal of the host, joined to ours until it ends; its exit status."""
    size = tuple(shutil.get_terminal_size())
    with connection.create_session() as channel:
        channel.get_pty(os.environ.get("TERM", "vt100"), *size)
        channel.exec_command(command)
        with _raw(sys.stdin.fileno()), Pulse(connection.transport, GIVEN_UP):
            _join(channel, size)
        status = int(channel.recv_exit_status())
    if status < 0:
        raise LeftToHost("the link was lost", why="What was running was ended with its terminal.")
    return status


def _join(channel: Channel, size: tuple[int, ...]) -> None:
    """Pass on what comes from either side until the program ends.

    The size is looked at now and then: a lane is a thread, which gets no SIGWINCH.
    """
    keys = [sys.stdin.fileno()]
    while True:
        ready, _, _ = select.select([channel, *keys], [], [], PAUSE)
        if channel in ready:
            data = channel.recv(65536)
            if not data:
                return
            os.write(sys.stdout.fileno(), data)
        if keys and keys[0] in ready:
            typed = os.read(keys[0], 4096)
            channel.sendall(typed)
            keys = keys if typed else []
        now = tuple(shutil.get_terminal_size())
        if now != size:
            size = now
            channel.resize_pty(*size)


@contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    """Pass every key on as it is, Ctrl-C too."""
    before = termios.tcgetattr(descriptor)
    tty.setraw(descriptor)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
