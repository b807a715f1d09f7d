import json
import subprocess
import sys
from pathlib import Path

from flaskwright import agent

LOADER = (Path(agent.__file__).parent / "loader.py").read_text()
STAGE = "import json, sys; n = {}; exec(sys.argv[1], n); n['run'](json.loads(sys.argv[2]))"
SOURCES = {
    "__init__": "",
    "main": "import sys\nfrom . import other\nfrom .other import value\n"
    "def main():\n    print(__name__, __file__, other.__package__, value)\n"
    "    return other.act()\n",
    "other": "value = 42\ndef act():\n    return 7\n",
}


def start(**changed: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-I", "-c", STAGE, LOADER, json.dumps({**SOURCES, **changed})]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_a_package_is_imported_from_memory() -> None:
    done = start()
    assert done.stdout == "agent.main agent/main.py agent 42\n"
    assert (done.returncode, done.stderr) == (7, "")


def test_a_traceback_shows_the_lines() -> None:
    done = start(other="value = 1\ndef act():\n    return 1 / 0  # here\n")
    assert done.returncode == 1
    assert 'File "agent/other.py", line 3, in act\n    return 1 / 0  # here' in done.stderr


def test_what_is_not_in_the_package_is_not_found() -> None:
    assert "ImportError" in start(main="from . import missing\n").stderr
