"""Headless chromium, spoken to over its pipe (Chrome DevTools Protocol)."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import pytest

PEM_END = "-----END CERTIFICATE-----\n"


class Browser:
    """A browser with a profile of its own that trusts `roots`, and reaches names where we say."""

    def __init__(self, home: Path, roots: Path, names: Mapping[str, str]) -> None:
        for program in ("chromium", "certutil"):
            if not shutil.which(program):
                pytest.skip(f"no {program} here: apt-get install chromium libnss3-tools")
        _trust(home, roots)
        rules = ", ".join(f"MAP {name} {address}" for name, address in names.items())
        to_it, self._send = os.pipe()
        self._receive, from_it = os.pipe()
        self._process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" 3</dev/fd/{to_it} 4>/dev/fd/{from_it}', "sh",
             "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-proxy-server",
             "--remote-debugging-pipe",
             f"--host-resolver-rules={rules}", f"--user-data-dir={home / 'profile'}"],
            env={"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            pass_fds=(to_it, from_it), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_it)
        os.close(from_it)
        self._rest, self._last, self.events = b"", 0, list[dict[str, Any]]()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session: str = attached["sessionId"]
        for domain in ("Page", "Runtime", "Security"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        os.close(self._send)
        self._process.terminate()
        self._process.wait(20)
        os.close(self._receive)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method and return its result; events that come first are kept."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if hasattr(self, "_session"):
            message["sessionId"] = self._session
        os.write(self._send, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._last:
            self.events.append(answer)
        assert "error" not in answer, f"{method}: {answer}"
        result: dict[str, Any] = answer["result"]
        return result

    def open(self, url: str) -> str:
        """Open a page, wait until all of it is there, and return what it could not load."""
        self.events.clear()
        trouble: str = self.call("Page.navigate", url=url).get("errorText", "")
        if not trouble:
            self.wait_for("Page.loadEventFired")
        return trouble

    def wait_for(self, event: str) -> None:
        """Wait for an event, unless it has come since the last page was asked for."""
        while not any(seen["method"] == event for seen in self.events if "method" in seen):
            self.events.append(self._next())

    def tell(self, script: str) -> Any:
        """Return the value of a piece of JavaScript."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)["result"]
        return result.get("value")

    def picture(self, path: Path) -> None:
        """Save what is to be seen, as PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            data = os.read(self._receive, 1 << 16)
            assert data, "chromium has gone"
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found


def _trust(home: Path, roots: Path) -> None:
    """Make the profile's certificate database, with every root in it."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    certutil = ["certutil", "-d", f"sql:{database}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True)
    for number, text in enumerate(filter(str.strip, roots.read_text().split(PEM_END))):
        add = [*certutil, "-A", "-t", "C,,", "-n", f"root {number}"]
        subprocess.run(add, input=text + PEM_END, text=True, check=True)
