"""The interpreters of this machine that the agent has to run on."""

import shutil
import subprocess
import sys


def usable(name: str) -> bool:
    found = shutil.which(name)
    argv = [str(found), "-c", ""]
    return bool(found) and not subprocess.run(argv, capture_output=True, check=False).returncode


OLDER = [f"python3.{minor}" for minor in (7, 8, 9, 10, 12, 13)]
PYTHONS = [sys.executable, *filter(usable, OLDER)]
