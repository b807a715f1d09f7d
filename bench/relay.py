"""A TCP relay that delays like a long line: each way half of the round-trip time, in order.

Opening a connection costs a round trip too, as it would on such a line.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

BLOCK = 65536
IN_FLIGHT = 1024  # blocks each way

Line = asyncio.Queue[tuple[float, bytes]]


class Relay:
    """Takes connections on a port of this machine and hands them on to one place."""

    def __init__(self, address: str, port: int, round_trip: float) -> None:
        self._place = (address, port)
        self._one_way = round_trip / 2

    async def start(self) -> asyncio.Server:
        """Listen on a port that is free."""
        return await asyncio.start_server(self._connected, "127.0.0.1", 0)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _at_once(writer)
        try:
            await asyncio.sleep(2 * self._one_way)  # the handshake: there and back
            async with asyncio.TaskGroup() as tasks:
                await self._join(reader, writer, tasks)
        except* (OSError, asyncio.CancelledError):
            pass  # the host is gone, or the relay is to end
        finally:
            writer.close()

    async def _join(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tasks: asyncio.TaskGroup
    ) -> None:
        """Carry what comes from either side to the other."""
        there, back = Line(IN_FLIGHT), Line(IN_FLIGHT)
        tasks.create_task(self._take(reader, there))
        await asyncio.sleep(self._one_way)  # the last part of the handshake reaches the host
        far_reader, far_writer = await asyncio.open_connection(*self._place)
        _at_once(far_writer)
        tasks.create_task(_give(there, far_writer))
        tasks.create_task(self._take(far_reader, back))
        tasks.create_task(_give(back, writer))

    async def _take(self, reader: asyncio.StreamReader, line: Line) -> None:
        """Put what comes on the line, with the moment at which it arrives; b"" is the end."""
        data = b"begin"
        while data:
            try:
                data = await reader.read(BLOCK)
            except OSError:
                data = b""
            await line.put((asyncio.get_running_loop().time() + self._one_way, data))


async def _give(line: Line, writer: asyncio.StreamWriter) -> None:
    """Hand on each block when it arrives."""
    while True:
        arrives, data = await line.get()
        await asyncio.sleep(max(0.0, arrives - asyncio.get_running_loop().time()))
        with suppress(OSError):
            if not data:
                return writer.close()
            writer.write(data)
            await writer.drain()


def _at_once(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@contextmanager
def running(address: str, port: int, round_trip: float) -> Iterator[int]:
    """Run a relay to that place in a thread; gives its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(
        Relay(address, port, round_trip).start(), loop
    ).result()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_stopped(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stopped(server: asyncio.Server) -> None:
    """Stop listening, and end the connections that are open."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
