"""What is measured, section by section."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from bench import place as places
from bench.code_only import code_only
from bench.figures import Figure, Section, Subjects, Target, ratio, rounds, times, warm
from bench.load import load
from bench.place import NEAR, Place
from bench.pristine import pristine, pristine_https
from bench.product import Product
from bench.programs import ROOT, run
from bench.renewals import renewals
from bench.sockets import sockets
from bench.stall import stall
from bench.unchanged import nothing_to_change, nothing_to_change_https

SHORT_RUNS = 8  # times as many runs of what takes a fraction of a second
MOST_BYTES = 24 * 1024
LONGEST_REHEARSAL = 15  # seconds


def rehearsal(place: Place, runs: int) -> list[Section]:
    """The renewal of a certificate that is good, rehearsed."""
    product = Product(places.with_https(place))
    product.deploy(NEAR)
    subjects: Subjects = {"certs.renew": lambda: product.rehearse(NEAR)}
    ours = rounds("rehearsal", subjects, runs)["certs.renew"]
    target = Target(f"< {LONGEST_REHEARSAL} s", statistics.median(ours) < LONGEST_REHEARSAL)
    figure = Figure("`./fab certs.renew --dry-run`", ours, target=target)
    return [Section("A renewal rehearsed on a healthy host", [figure])]


def start(place: Place, runs: int) -> list[Section]:
    """How long it takes until `fab` knows its tasks."""
    python = ROOT / ".venv/bin/python"
    subjects: Subjects = {
        "import fabric": lambda: run(python, "-c", "import fabric").seconds,
        "fab --list": lambda: run(ROOT / "fab", "--list").seconds,
    }
    warm(subjects)
    found = rounds("start", subjects, SHORT_RUNS * runs)
    base, ours = found["import fabric"], found["fab --list"]
    target = Target("< 1.5 ×", times(ours, base) < 1.5)
    figures = [
        Figure('`python -c "import fabric"`', base),
        Figure("`./fab --list`", ours, beside=ratio(ours, base, "that"), target=target),
    ]
    return [Section("Start", figures)]


def wire(place: Place, runs: int) -> list[Section]:
    """The bytes of agent and plan; they are the same each time."""
    return [Section("On the wire", [_sent(place), _sent(places.with_https(place))])]


MEASURES: dict[str, Callable[[Place, int], list[Section]]] = {
    "pristine": pristine,
    "nothing": nothing_to_change,
    "pristine-https": pristine_https,
    "nothing-https": nothing_to_change_https,
    "rehearsal": rehearsal,
    "start": start,
    "wire": wire,
    "deploy": code_only,
    "load": load,
    "sockets": sockets,
    "renewals": renewals,
    "stall": stall,
}
PRISTINE = ("pristine", "pristine-https")


def _sent(place: Place) -> Figure:
    sent = Product(place).bytes_sent
    target = Target(f"< {MOST_BYTES:,} bytes", sent < MOST_BYTES)
    return Figure(
        f"plan, to a host that has the agent, {place.scheme}", [sent], "bytes", target=target
    )
