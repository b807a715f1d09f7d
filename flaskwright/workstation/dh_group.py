"""Diffie-Hellman groups for clients without elliptic curves: a well-known one, or one's own.

One's own is made on the operator's machine, where it takes a minute and not an hour, and is kept
there for the other hosts.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ..errors import FlaskwrightError
from ..report import console
from ..resources.certs import DhGroup
from .supply import Question, supplies

BITS = 2048
PAUSE = 5.0  # seconds between two words of progress
# RFC 7919, appendix A.1; browsers and test tools know it by sight
FFDHE2048 = b"""\
-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
"""

_making = threading.Lock()


@supplies("dh-group", rehearsed=False)
def planned_group(question: Question) -> bytes:
    """Return the group that the plan says; raises FlaskwrightError."""
    planned = question.resource
    return group(planned.group, console.tell) if isinstance(planned, DhGroup) else b""


def group(name: str, tell: Callable[[str], None]) -> bytes:
    """Return a group in PEM, `ffdhe2048` or `generate`; raises FlaskwrightError."""
    return FFDHE2048 if name == "ffdhe2048" else own(tell)


def own(tell: Callable[[str], None], bits: int = BITS) -> bytes:
    """Return the group of this machine, made when it is asked for the first time."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = caches / "flaskwright" / f"dhparam-{bits}.pem"
    with _making:  # lanes of other hosts wait for the one that came first
        if not path.exists():
            tell(f"making a Diffie-Hellman group of {bits} bits, kept in {path}")
            _make(path, bits, tell)
        return path.read_bytes()


def _make(path: Path, bits: int, tell: Callable[[str], None]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    began = time.monotonic()
    argv = ["openssl", "dhparam", "-out", str(draft), str(bits)]
    try:
        with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while _runs(process):
                tell(f"making a Diffie-Hellman group: {time.monotonic() - began:.0f} s")
        if process.returncode:
            raise FlaskwrightError(f"openssl dhparam: exit status {process.returncode}")
        draft.rename(path)
    except OSError as error:
        raise FlaskwrightError("no Diffie-Hellman group could be made", why=f"{error}.") from None
    finally:
        draft.unlink(missing_ok=True)


def _runs(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(PAUSE)
    except subprocess.TimeoutExpired:
        return True
    return False
