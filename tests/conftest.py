"""What a test run can be asked for, and the tables that it prints at its end."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# Each worker has a host of the first suite, so its modules are anybody's; of a further suite one
# worker has one, and does all modules of a directory there.
SUITE = re.compile(r"tests/hosts/(?!test_(?:https|front)\.).*[\[-](trixie|bullseye)]$")
FAULT = re.compile(r"tests/hosts/test_(?:faults|calls|instants).*\[(.*) in .*]$")


# The longest modules in a run without --whole: minutes each.
LONGEST = (
    *("faults", "https_bad_days", "front", "waits", "ubuntu", "https", "bad_apps", "daily"),
    *("bad_link", "advice", "migrate", "screen", "projects", "calls", "app_words"),
)


class Together(LoadScopeScheduling):
    """What one worker does: a module, or a directory's modules of a further suite.

    Where all faults are tried, each is a module of its own.
    """

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        if found := SUITE.search(nodeid):
            return f"{module.rpartition('/')[0]} on {found.group(1)}"
        found = FAULT.search(nodeid) if self.config.getoption("--whole") else None
        return found.group(1) if found else module


@pytest.fixture(scope="session")
def empty_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with pip and nothing else: making one takes seconds, copying it does not."""
    path = tmp_path_factory.mktemp("empty") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(path)], check=True)
    return path


@pytest.fixture(scope="session", autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep what tests say of trust out of the person's own state, and how they were started."""
    place = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(place))
        patch.delenv("FLASKWRIGHT_FAB", raising=False)  # of `./fab test`
        yield place


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flags of this project."""
    parser.addoption(
        "--refresh-screens", action="store_true", help="write tests/screens/*.txt anew, to be read"
    )
    parser.addoption(
        "--whole", action="store_true", help="also what takes long: every suite, every fault"
    )


def pytest_configure() -> None:
    """Let Ctrl-C reach what tests start; a shell that starts us in the background forbids it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Share the tests out among several workers."""
    return Together(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the hosts; leave out what is for `--whole`.

    What takes long comes first, so that in the end no worker waits for another one.
    """
    items.sort(key=_place)
    if config.getoption("--whole"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _place(item: pytest.Item) -> int:
    """Where a test stands in the order: a further suite's, the longest, other hosts', fast ones."""
    name = item.path.stem.removeprefix("test_")
    if not item.nodeid.startswith("tests/hosts/"):
        return len(LONGEST) + 2
    if SUITE.search(item.nodeid):
        return 0
    return 1 + (LONGEST.index(name) if name in LONGEST else len(LONGEST))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the fault matrix: which release was served in the end, and the exit code."""
    from tests.hosts.faults import table, tally

    lines = list(table.lines(terminalreporter.stats, config.getoption("--whole")))
    lines += tally.lines(terminalreporter.stats)
    if lines:
        terminalreporter.section("faults: release served in the end (exit code)")
    for line in lines:
        terminalreporter.write_line(line)
