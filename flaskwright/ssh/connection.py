"""The strict connection: ssh's own settings, known host keys only, dead links noticed."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import socket
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import fabric
from paramiko import RejectPolicy, Transport
from paramiko.config import SSHConfig
from paramiko.ssh_exception import IncompatiblePeer

from ..errors import Unreachable
from ..inventory import Inventory
from . import known_hosts, unreachable
from .host_key import KnownOnly, as_key, known_first
from .login import Login
from .meanwhile import Meanwhile
from .settings import found_at, settings_for, ssh_config
from .tcp import dial

if TYPE_CHECKING:
    from fabric import Config
    from paramiko.channel import Channel

    from ..inventory import Host
    from .known_hosts import Key
    from .settings import Settings

# Without a handler Python prints the tracebacks of Paramiko's threads; what they tell is explained.
logging.getLogger("paramiko").addHandler(logging.NullHandler())

CONNECT_TIMEOUT = 10  # seconds, for each address of the host
ANSWER_TIMEOUT = 30  # seconds, for the banner, the key exchange, each answer to a login
LONGEST = 120  # seconds for all of it: an agent that wants a touch of a key is in it
KEEPALIVE = 5  # seconds of silence after which something is sent


class Connection(fabric.Connection):  # type: ignore[misc]  # Fabric ships no types
    """A Fabric connection to a host of the inventory, opened at first use.

    Where Fabric has an address in `host`, this has the inventory's Host, and the place connected
    to in `settings`. alone: no other host is in the command. stage: what the agent is at (see
    verdict). ask_to_stop: there while it can be asked to. at: what opening is at, in words.
    on_wait: told what is waited for, and how long. begun: what open_meanwhile has begun on it.
    """

    host: Host
    settings: Settings
    gateway: Connection | str | None
    alone: bool = True
    ask_to_stop: Callable[[], None] | None = None
    stage: str = ""
    unheard: Callable[[], float] = staticmethod(float)  # seconds without a sign of life, if known
    at: str = ""
    on_wait: Callable[[str, float], None] | None = None
    begun: Any = None
    _meanwhile: Meanwhile | None = None
    _via: tuple[str, ...] = ()
    _proxy: subprocess.Popen[bytes] | None = None

    def __init__(
        self,
        host: Host,
        config: Config,
        *,
        gateway: Connection | None = None,
        via: tuple[str, ...] = (),
    ) -> None:
        settings = settings_for(host, config)
        self._set(settings=settings, _via=(*via, host.name))
        config._set(base_ssh_config=SSHConfig())  # `settings` has all that it would say
        super().__init__(
            settings.address,
            user=settings.user,
            port=settings.port,
            config=config,
            gateway=False,
            forward_agent=settings.forward_agent or config.forward_agent,
            connect_timeout=settings.timeout or config.timeouts.connect or CONNECT_TIMEOUT,
        )
        self.host = dataclasses.replace(host, found=found_at(host, settings))
        self.gateway = gateway or self.get_gateway()
        self.client.set_missing_host_key_policy(RejectPolicy())

    def derive_shorthand(self, host_string: str) -> dict[str, Any]:
        """Leave an address alone: `settings` has taken user@host:port apart already."""
        return {"user": None, "host": host_string, "port": None}

    def get_gateway(self) -> Connection | str | None:
        """Return the last host to jump through, or a proxy command.

        Fabric makes plain connections here, which take any host key.
        """
        if self.settings.jump:
            return self._jump(self.settings.jump.split(","))
        if self.settings.command:
            return self.settings.command
        gateway = self.config.gateway
        if isinstance(gateway, fabric.Connection):
            return self._jump([f"{gateway.user}@[{gateway.host}]:{gateway.port}"])
        return gateway or None

    def open_meanwhile(self, then: Callable[[], object]) -> None:
        """Begin to connect, and then to do more, while the caller goes on; `open` waits for both.

        `then` finds the connection open; what it returns is kept as `begun`.
        """

        def act() -> None:
            self._open()
            self.begun = then()

        self._meanwhile = Meanwhile(act)

    def open(self) -> None:
        """Connect and log in, unless that is done; raises Unreachable."""
        if self.is_connected and (self._meanwhile is None or self._meanwhile.is_here):
            return
        begun, self._meanwhile = self._meanwhile or Meanwhile(self._open), None
        begun.wait(self._tell)

    def _tell(self, seconds: float) -> None:
        """Tell what opening waits for; raises Unreachable when that has been for too long."""
        if self.on_wait:
            self.on_wait(self.at, seconds)
        if seconds > LONGEST:
            raise unreachable.silent(self.settings, self.at, seconds)

    def _open(self) -> None:
        if self.is_connected:
            return
        with unreachable.explained(self.settings, self.host.declared):
            try:
                self._connect()
            except BaseException:
                self.client.close()
                raise
        self.transport = self.client.get_transport()
        self.transport.set_keepalive(KEEPALIVE)
        self.at = ""

    def open_gateway(self) -> socket.socket | Channel:
        """Return a way to the host's port through the gateway."""
        if not isinstance(self.gateway, Connection):
            return self._through_command(str(self.gateway))
        self.gateway.open()
        place = (self.settings.address, self.settings.port)
        return self.gateway.transport.open_channel(
            "direct-tcpip", place, ("", 0), timeout=self.connect_timeout
        )

    def server_key(self, types: Sequence[str]) -> Key | None:
        """Return the host's key of one of `types`, None when it has none; nobody logs in."""
        found: list[Key | None] = []
        self.at = f"waits for the host key of {self.settings.address} port {self.settings.port}"
        Meanwhile(lambda: found.append(self._server_key(types))).wait(self._tell)
        self.at = ""
        return found[0]

    def _server_key(self, types: Sequence[str]) -> Key | None:
        with (
            unreachable.explained(self.settings, self.host.declared),
            contextlib.closing(Transport(self._socket())) as transport,
        ):
            transport.get_security_options().key_types = types
            try:
                transport.start_client(timeout=ANSWER_TIMEOUT)
            except IncompatiblePeer:
                return None
            return as_key(transport.get_remote_server_key())

    @property
    def known_name(self) -> str:
        """The name that known_hosts has for this host."""
        settings = self.settings
        return known_hosts.entry(settings.address, settings.port, settings.host_key_alias)

    @property
    def config_file(self) -> str | None:
        """The configuration that ssh is asked with; None: its own."""
        return ssh_config(self.config)

    def close(self) -> None:
        """Close the connection and what it was reached through."""
        super().close()
        if isinstance(self.gateway, Connection):
            self.gateway.close()

    def _connect(self) -> None:
        place = f"{self.settings.address} port {self.settings.port}"
        self.at = f"waits for {place}"
        sock = self._socket()
        self.at = f"waits for the login at {place}"
        known = known_hosts.known(self.known_name, self.settings.known_hosts)
        self.client.set_missing_host_key_policy(KnownOnly(known, self.known_name, self.host.name))
        given = self.config.connect_kwargs
        self.client.connect(
            self.settings.address,
            port=self.settings.port,
            sock=sock,
            timeout=ANSWER_TIMEOUT,
            banner_timeout=ANSWER_TIMEOUT,
            auth_timeout=ANSWER_TIMEOUT,
            channel_timeout=ANSWER_TIMEOUT,
            disabled_algorithms=given.get("disabled_algorithms"),
            transport_factory=partial(known_first, known),
            auth_strategy=Login(self.settings, given.get("password"), given.get("passphrase")),
        )

    def _socket(self) -> socket.socket | Channel:
        if self.gateway:
            return self.open_gateway()
        return dial(self.settings.address, self.settings.port, self.connect_timeout)

    def _through_command(self, command: str) -> socket.socket:
        """Run a proxy command; it cannot ask on the terminal, whose questions nobody would see."""
        ours, theirs = socket.socketpair()
        with theirs:
            given, taken = theirs.fileno(), theirs.fileno()
            argv = ["sh", "-c", f"exec {command}"]
            self._proxy = subprocess.Popen(argv, stdin=given, stdout=taken, start_new_session=True)
        return ours

    def _jump(self, hops: Sequence[str]) -> Connection | None:
        """Return the connection to the last of `hops`, each reached through the one before it."""
        gateway = None
        for hop in map(Inventory.lookup, hops):
            if self._is_reached_as(hop):
                return None  # `Host *` with a ProxyJump means every host but that one
            if hop.name in self._via:
                circle = " → ".join((*self._via, hop.name))
                raise Unreachable("the jump hosts lead in a circle", why=f"{circle}.")
            gateway = Connection(hop, self.config, gateway=gateway, via=self._via)
        return gateway

    def _is_reached_as(self, hop: Host) -> bool:
        addresses = (self.host.address, self.settings.address)
        return hop.address in addresses and hop.port in (None, self.host.port, self.settings.port)

    def _identity(self) -> tuple[str, str, int]:
        """Fabric compares and hashes connections by this."""
        return (self.settings.address, self.user, self.port)
