import json
import subprocess
import sys
from pathlib import Path

import pytest

from flaskwright import agent
from flaskwright.agent import loader

LOADER = (Path(agent.__file__).parent / "loader.py").read_text()
STAGE = (
    "import json, sys; n = {}; exec(sys.argv[1], n); n['KEPT'] = sys.argv[3]; "
    "n['run'](json.loads(sys.argv[2]), {'mode': 'check'})"
)
SOURCES = {
    "__init__": "",
    "main": "import sys\nfrom . import other\nfrom .other import value\n"
    "def main(plan):\n    print(plan['mode'], __name__, __file__, other.__package__, value)\n"
    "    return other.act()\n",
    "other": "value = 42\ndef act():\n    return 7\n",
}


def start(kept: Path = Path("/nonexistent"), **changed: str) -> subprocess.CompletedProcess[str]:
    sources = json.dumps({**SOURCES, **changed})
    argv = [sys.executable, "-I", "-c", STAGE, LOADER, sources, f"{kept}/"]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_a_package_is_imported_from_memory() -> None:
    done = start()
    assert done.stdout == "check agent.main agent/main.py agent 42\n"
    assert (done.returncode, done.stderr) == (7, "")


def test_a_traceback_shows_the_lines() -> None:
    done = start(other="value = 1\ndef act():\n    return 1 / 0  # here\n")
    assert done.returncode == 1
    assert 'File "agent/other.py", line 3, in act\n    return 1 / 0  # here' in done.stderr


def test_what_is_not_in_the_package_is_not_found() -> None:
    assert "ImportError" in start(main="from . import missing\n").stderr


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The same agent on the disk; it says so where it is used."""
    place = tmp_path / loader.digest(SOURCES)
    (place / "agent").mkdir(mode=0o755, parents=True)
    for name, text in SOURCES.items():
        (place / "agent" / f"{name}.py").write_text(text.replace("value = 42", "value = 'kept'"))
    return place


def test_the_same_agent_on_the_disk_is_used(kept: Path) -> None:
    done = start(kept.parent)
    assert done.stdout == f"check agent.main {kept}/agent/main.py agent kept\n"
    assert (done.returncode, done.stderr) == (7, "")


def test_another_agent_on_the_disk_is_not(kept: Path) -> None:
    kept.rename(kept.with_name("another"))
    assert " 42\n" in start(kept.parent).stdout


def test_one_that_others_may_write_is_not(kept: Path) -> None:
    kept.chmod(0o775)
    assert " 42\n" in start(kept.parent).stdout


def test_one_behind_a_link_is_not(kept: Path) -> None:
    kept.rename(kept.with_name("moved"))
    kept.symlink_to("moved")
    assert " 42\n" in start(kept.parent).stdout
