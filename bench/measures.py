"""What is measured, section by section."""

from __future__ import annotations

import io
import statistics
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import place as places
from bench.figures import Figure, Samples, Section, Subjects, Target, rounds, tell, times, within
from bench.place import APP, FAR, NEAR, Place
from bench.product import Product
from bench.programs import ROOT, run
from bench.rivals import Rivals, versions

BY_HAND = Path(__file__).with_name("by_hand.sh")
LINKS = {NEAR: "on the bridge", FAR: "with 100 ms of round-trip time"}
FASTER = {NEAR: {"pyinfra": 4, "ansible-core": 10}, FAR: {"pyinfra": 8, "ansible-core": 14}}
SHORT_RUNS = 4  # times as many runs of what takes a fraction of a second
MOST_BYTES = 64_000


def pristine(place: Place, runs: int) -> list[Section]:
    """From a host on which nothing is installed to the page that is served."""
    product = Product(place)
    subjects: Subjects = {
        "by hand": lambda: _from_nothing(place, lambda: _by_hand(place, product)),
        "fab deploy": lambda: _from_nothing(place, lambda: product.deploy(NEAR)),
    }
    found = rounds("pristine", subjects, runs)
    by_hand, ours = found["by hand"], found["fab deploy"]
    limit = 1.1 * statistics.median(by_hand) + 5
    target = within(limit, statistics.median(ours), "by hand + 10 % + 5 s")
    figures = [
        Figure("the same apt and pip commands by hand", by_hand),
        Figure("`./fab deploy`", ours, beside=_ratio(ours, by_hand, "by hand"), target=target),
    ]
    return [Section("From a pristine host to the served page", figures)]


def nothing_to_change(place: Place, runs: int) -> list[Section]:
    """The whole guide on a host where all of it is done, on both links."""
    product = Product(place)
    release = product.deploy(NEAR)[1]["facts"]["release"]
    rivals = Rivals(place, product, release)
    try:
        rivals.converge()
        return [_unchanged(place, product, rivals, link, runs) for link in LINKS]
    finally:
        rivals.leave()


def start(place: Place, runs: int) -> list[Section]:
    """How long it takes until `fab` knows its tasks."""
    python = ROOT / ".venv/bin/python"
    subjects: Subjects = {
        "import fabric": lambda: run(python, "-c", "import fabric").seconds,
        "fab --list": lambda: run(ROOT / "fab", "--list").seconds,
    }
    found = rounds("start", subjects, SHORT_RUNS * runs)
    base, ours = found["import fabric"], found["fab --list"]
    target = Target("< 1.5 ×", times(ours, base) < 1.5)
    figures = [
        Figure('`python -c "import fabric"`', base),
        Figure("`./fab --list`", ours, beside=_ratio(ours, base, "that"), target=target),
    ]
    return [Section("Start", figures)]


def wire(place: Place, runs: int) -> list[Section]:
    """The bytes of agent and plan; they are the same each time."""
    sent = Product(place).bytes_sent
    target = Target(f"< {MOST_BYTES:,} bytes", sent < MOST_BYTES)
    return [Section("On the wire", [Figure("agent and plan", [sent], "bytes", target=target)])]


MEASURES: dict[str, Callable[[Place, int], list[Section]]] = {
    "pristine": pristine,
    "nothing": nothing_to_change,
    "start": start,
    "wire": wire,
}


def _unchanged(place: Place, product: Product, rivals: Rivals, link: str, runs: int) -> Section:
    subjects: Subjects = {
        "ssh": lambda: run(*place.ssh(link, "true")).seconds,
        "fab deploy": lambda: product.deploy_unchanged(link),
        "pyinfra": lambda: rivals.pyinfra(link),
        "ansible-core": lambda: rivals.ansible(link),
    }
    for measure in subjects.values():
        measure()  # the first run fills caches, and tells whether all is as it should be
    found = rounds(LINKS[link], subjects, runs)
    ssh, ours = found["ssh"], found["fab deploy"]
    limit = 1.5 * statistics.median(ssh) + 0.5
    target = within(limit, statistics.median(ours), "1.5 × ssh + 0.5 s")
    title = f"Nothing to change, {product.size} resources, {LINKS[link]}"
    return Section(
        title,
        [
            Figure("`ssh HOST true`", ssh),
            Figure("`./fab deploy`", ours, beside=_ratio(ours, ssh, "ssh"), target=target),
            *(_rival(tool, found[tool], ours, least) for tool, least in FASTER[link].items()),
        ],
    )


def _rival(tool: str, theirs: Samples, ours: Samples, least: int) -> Figure:
    ratio = times(theirs, ours)
    name = f"{tool} {versions()[tool]}"
    target = Target(f"≥ {least} × `./fab deploy`", ratio >= least)
    return Figure(name, theirs, beside=_ratio(theirs, ours, "`./fab`"), target=target)


def _ratio(figure: Samples, other: Samples, name: str) -> str:
    return f"{times(figure, other):.2f} × {name}"


def _from_nothing(place: Place, make: Callable[[], object]) -> float:
    """Seconds from a pristine host to the page."""
    tell("pristine  resets the host")
    places.pristine()
    began = time.perf_counter()
    make()
    place.wait_for_page()
    return time.perf_counter() - began


def _by_hand(place: Place, product: Product) -> None:
    """Everything in one session of ssh: the files in, and the commands."""
    command = f"sudo tar -xC /root && sudo sh /root/by_hand.sh {APP}"
    run(*place.ssh(NEAR, command), given=_luggage(place, product))


def _luggage(place: Place, product: Product) -> bytes:
    """A tar of the script, the app and the rendered files."""
    files = place.directory / "files"
    product.write_files(files)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path in (BY_HAND, place.bundle(), files):
            tar.add(path, path.name, filter=_of_root)
    return packed.getvalue()


def _of_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    return member
