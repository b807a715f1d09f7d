"""A certificate authority beside the throw-away hosts: Let's Encrypt's own test server, Pebble.

It asks the hosts' port 80 for real, by the names that the resolver on the bridge knows. `ca.pem` is
what its own server shows (a client needs it to talk to it), `roots.pem` what it signs with (for
whoever looks at a site). Pebble makes a new root at each start and forgets its accounts; roots.pem
keeps the former ones, for the certificates that hosts still have.
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from flaskwright.errors import Unreachable
from sandbox.commands import (
    ENVIRONMENT,
    Process,
    Progress,
    follow,
    last_lines,
    quiet,
    run,
    spawn,
    wait_until,
)
from sandbox.network import Network
from sandbox.requirements import cannot
from sandbox.state import Lab, records, remove, write

DAYS = 90  # that a certificate is good for
APT = ("apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120")
SELF_SIGNED = (
    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
    *("-nodes", "-days", "3650", "-subj", "/CN=Flaskwright sandbox"),
)
# Pebble's own defaults are meant to trouble a client: waits, refused nonces, reused answers.
CALM = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0"}


@dataclass(frozen=True)
class Authority:
    """An authority at an address of this machine; the port above `port` is Pebble's own desk."""

    root: Path
    address: str
    port: int = 14000

    @property
    def server(self) -> str:
        """The directory URL, as ACME clients want it."""
        return f"https://{self.address}:{self.port}/dir"

    @property
    def ca(self) -> Path:
        """The certificate that the server itself shows."""
        return self.root / "ca.pem"

    @property
    def roots(self) -> Path:
        """The roots of the certificates it gives."""
        return self.root / "roots.pem"

    @property
    def log(self) -> Path:
        """The file with all that Pebble has printed."""
        return self.root / "pebble.log"

    @property
    def process(self) -> Process | None:
        """Its process, if it lives."""
        path = self.root / "pebble.json"
        process = Process(**json.loads(path.read_text())) if path.exists() else None
        return process if process and process.alive else None

    def ensure(self, progress: Progress = quiet) -> None:
        """Install the authority where it is missing, and start it where it does not run."""
        if self.process is None:
            install(progress)
            self.start()

    def start(
        self, *, refused: Sequence[str] = (), nonces_refused: int = 0, lifetime: int = DAYS * 86400
    ) -> None:
        """Start it; for tests it refuses names, or that many percent of all nonces.

        lifetime: of its certificates, in seconds.
        """
        self.stop()
        self.root.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._identify()
        write(
            self.root / "pebble.config", json.dumps({"pebble": self._settings(refused, lifetime)})
        )
        process = spawn(
            [*_environment(nonces_refused), *_as_nobody(), *self._argv()],
            pidfile=self.root / "pebble.pid",
            log=self.log,
        )
        write(self.root / "pebble.json", json.dumps(asdict(process)))
        self._wait_for(process)
        before = self.roots.read_text() if self.roots.exists() else ""
        write(self.roots, before + self._root())

    def _wait_for(self, process: Process) -> None:
        """Return when it answers; raises Unreachable."""
        wait_until(
            lambda: not process.alive or bool(self._root()),
            seconds=20,
            what="the certificate authority does not answer",
            log=lambda: last_lines(self.log),
        )
        if not process.alive:
            raise Unreachable(
                "sandbox: the certificate authority did not start", log=last_lines(self.log)
            )

    def stop(self) -> None:
        """End the authority and wait for that; its certificates stay good."""
        process = self.process
        if process:
            run(["kill", str(process.pid)])
            wait_until(lambda: not process.alive, seconds=5, what="the authority does not end")
        for name in ("pebble.json", "pebble.pid", "pebble.log"):
            remove(self.root / name)

    def _argv(self) -> list[str]:
        config = str(self.root / "pebble.config")
        return ["pebble", "-config", config, "-dnsserver", f"{self.address}:53"]

    def _settings(self, refused: Sequence[str], lifetime: int) -> dict[str, object]:
        return {
            "listenAddress": f"{self.address}:{self.port}",
            "managementListenAddress": f"{self.address}:{self.port + 1}",
            "certificate": str(self.ca),
            "privateKey": str(self.root / "key.pem"),
            "httpPort": 80,
            "tlsPort": 443,
            "certificateValidityPeriod": lifetime,
            "domainBlocklist": list(refused),
        }

    def _identify(self) -> None:
        """Make the certificate of its own server, once for an address."""
        shown = ["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", str(self.ca)]
        if self.ca.exists() and run(shown).strip().endswith(f":{self.address}"):
            return
        key = self.root / "key.pem"
        name = f"subjectAltName=IP:{self.address}"
        run([*SELF_SIGNED, "-keyout", str(key), "-out", str(self.ca), "-addext", name])
        if not os.geteuid():
            shutil.chown(key, "nobody")

    def _root(self) -> str:
        """The root of now, in PEM; empty when nothing answers yet."""
        import ssl
        import urllib.error
        import urllib.request

        url = f"https://{self.address}:{self.port + 1}/roots/0"
        trust = ssl.create_default_context(cafile=str(self.ca))
        opener = urllib.request.build_opener(  # no proxy: it is this machine
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
        )
        try:
            with opener.open(url, timeout=5) as answer:
                text: str = answer.read().decode("ascii")
                return text
        except (urllib.error.URLError, OSError):
            return ""


def of(lab: Lab, network: Network) -> Authority:
    """The authority of a state directory, at its bridge's address."""
    return Authority(lab.root / "authority", network.address(1))


def want(lab: Lab, host: str) -> None:
    """Note that the host gets its certificates here: the authority is there as long as it is."""
    write(_mark(lab, host), "")


def is_wanted(lab: Lab) -> bool:
    """Whether a host of this state directory gets its certificates here."""
    return any(_mark(lab, host.name).exists() for host in records(lab))


def is_wanted_by(lab: Lab, host: str) -> bool:
    """Whether that host gets its certificates from the sandbox's authority."""
    return _mark(lab, host).exists()


def _mark(lab: Lab, host: str) -> Path:
    return lab.host(host) / "wants-authority"


def install(progress: Progress) -> None:
    """Install Pebble with apt-get (as root), if it is not here."""
    if shutil.which("pebble", path=ENVIRONMENT["PATH"]):
        return
    progress("installing pebble on this machine")
    try:
        follow([*APT, "install", "--no-install-recommends", "pebble"], progress)
    except Unreachable as error:
        raise cannot("The Debian package pebble could not be installed.", error.log) from error


def _environment(nonces_refused: int) -> list[str]:
    settings = {**CALM, "PEBBLE_WFE_NONCEREJECT": str(nonces_refused)}
    return ["env", *(f"{name}={value}" for name, value in settings.items())]


def _as_nobody() -> list[str]:
    if os.geteuid():
        return []
    return ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--"]
