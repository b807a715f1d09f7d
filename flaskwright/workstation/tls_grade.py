"""The grade of a site's TLS, as testssl.sh on this machine gives it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from flaskwright.agent.common.text import lines

from ..errors import StepFailed, Unreachable, UsageError
from ..inventory import Host
from ..report import console
from . import certificate_files

PROGRAMS = ("testssl", "testssl.sh")  # Debian's name, and its own
GRADED = "overall_grade"
GOOD = ("A+", "A")
LONGEST = 600  # seconds
GET_IT = (
    "Debian 13 has 3.2 (apt-get install testssl.sh dnsutils bsdextrautils); the grade is new in it"
)


def authorities(host: Host) -> str:
    """Return, in PEM, whom visitors of the host trust beside the usual authorities."""
    roots = host.roots.read_text("ascii") if host.roots and host.roots.exists() else ""
    return roots + certificate_files.of_authority(host)


def grade(host: Host) -> tuple[str, str]:
    """Return what was looked at with its grade, and what is wrong with that; empty: nothing.

    Raises UsageError for a site without TLS, Unreachable where no testssl.sh gives grades.
    """
    if not host.site.https:
        raise UsageError(f"{host.name} has no TLS to grade", why="Its site is plain HTTP.")
    program = _program()
    console.tell(f"{host.name}  testssl.sh looks at {host.site.domain}; that takes 1 to 3 minutes")
    found = _looked(program, host.site.domain, _numeric(host.address), authorities(host))
    letter = found.get(GRADED, "")
    if not letter:
        raise Unreachable(
            "this testssl.sh gives no grade", why=f"{program} is too old.", next=GET_IT
        )
    reasons = [text for name, text in sorted(found.items()) if name.startswith("grade_cap_")]
    return f"testssl.sh on {host.address}: {letter}", "" if letter in GOOD else "; ".join(reasons)


def _program() -> str:
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise Unreachable(
            "testssl.sh is not on this machine", why="It gives the grade.", next=GET_IT
        )
    return found


def _looked(program: str, domain: str, address: str, trusted: str) -> dict[str, str]:
    """Run it; returns what it found, by its names for that."""
    with tempfile.TemporaryDirectory(prefix="flaskwright-") as place:
        report, roots = Path(place, "report.json"), Path(place, "roots.pem")
        roots.write_text(trusted)
        argv = [program, "--quiet", "--color", "0", "--warnings", "off", "--nodns", "min"]
        argv += [*(["--add-ca", str(roots)] if trusted else []), "--ip", address]
        done = _done([*argv, "--jsonfile", str(report), f"https://{domain}"])
        if not report.exists():
            log = lines(done.stdout + done.stderr)[-10:]
            raise StepFailed("testssl.sh came to no result", log=log)
        rows: list[dict[str, Any]] = json.loads(report.read_text())
    return {str(row["id"]): str(row["finding"]) for row in rows}


def _done(argv: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            argv, capture_output=True, text=True, timeout=LONGEST, stdin=subprocess.DEVNULL, cwd="/"
        )
    except subprocess.TimeoutExpired:
        raise StepFailed(f"testssl.sh came to no result in {LONGEST} s") from None


def _numeric(address: str) -> str:
    try:
        found = socket.getaddrinfo(address, 443, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise Unreachable(f"{address} has no address", why=f"{error.strerror}.") from None
    return str(found[0][4][0])
