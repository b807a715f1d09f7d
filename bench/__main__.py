"""bench/run: all measurements in one go, as a Markdown table."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
from types import FrameType

from bench import place
from bench.figures import Section
from bench.measures import MEASURES, PRISTINE
from bench.programs import BenchError
from bench.table import table
from flaskwright.errors import FlaskwrightError

PRISTINE_RUNS = 3
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Measure; 0 when all targets were reached, 1 when not, 2 when it could not be measured."""
    for number in ENDS:
        signal.signal(number, _leave)
    given = _arguments()
    before = os.getloadavg()[0]
    sections: list[Section] = []
    trouble = _measure(given, sections)
    about = _about(before)
    if given.json:
        found = [{"title": s.title, "figures": [f.json() for f in s.figures]} for s in sections]
        print(json.dumps({"about": about, "sections": found}, indent=2))
    else:
        print(f"{table(sections)}\n\n{about}")
    if trouble:
        print(f"bench/run: {trouble}", file=sys.stderr)
        return 2
    targets = [f.target for section in sections for f in section.figures if f.target]
    return 0 if all(target.reached for target in targets) else 1


def _leave(number: int, _: FrameType | None) -> None:
    """End by way of every `finally`, which no second signal cuts short."""
    for each in ENDS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of each, medians count (default: 5)")
    parser.add_argument("--pristine-runs", type=int, default=PRISTINE_RUNS, help="(default: 3)")
    parser.add_argument("--only", choices=MEASURES, nargs="+", default=list(MEASURES))
    parser.add_argument("--json", action="store_true", help="one JSON object, with every sample")
    return parser.parse_args()


def _measure(given: argparse.Namespace, found: list[Section]) -> str:
    """Add the sections; says what kept it from the rest of them, empty when nothing did."""
    try:
        with place.ready() as ready:
            for name in (name for name in MEASURES if name in given.only):
                runs = given.pristine_runs if name in PRISTINE else given.runs
                found += MEASURES[name](ready, runs)
    except (BenchError, FlaskwrightError) as error:
        return str(error)
    return ""


def _about(load_before: float) -> str:
    """The machine in general words."""
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    load = f"{load_before:.1f} before and {os.getloadavg()[0]:.1f} after"
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {system}, Python {python}, load {load}."


if __name__ == "__main__":
    sys.exit(main())
