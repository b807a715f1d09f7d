"""Ctrl-C while Python still reads the program."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# as ./fab does, and it tells of each import
STARTED = [sys.executable, "-X", "importtime", "-P", str(ROOT / "flaskwright" / "__main__.py")]
ARGUMENTS = ["--search-root", str(ROOT), "-H", "nowhere", "status"]


@pytest.mark.parametrize("seen", ["flaskwright.errors", "fabric.connection"])
def test_it_says_that_nothing_was_begun(seen: str) -> None:
    with subprocess.Popen(
        [*STARTED, *ARGUMENTS, "--json"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if line.rstrip().endswith(seen):
                process.send_signal(signal.SIGINT)
                break
        out, err = process.communicate(timeout=20)

    assert process.returncode == 1, err
    assert "interrupted; no host was asked for anything" in err
    assert "Traceback" not in err
    assert json.loads(out)["error"] == "interrupted"
