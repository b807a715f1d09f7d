"""From a host on which nothing is installed to the page that is served, beside the same by hand."""

from __future__ import annotations

import io
import shlex
import statistics
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import place as places
from bench.figures import Figure, Section, Subjects, ratio, rounds, tell, within
from bench.place import APP, NAME, NEAR, Place
from bench.product import Product
from bench.programs import run

BY_HAND = Path(__file__).with_name("by_hand.sh")


def pristine(place: Place, runs: int) -> list[Section]:
    """To the page over HTTP."""
    return [_section(place, runs, "apt and pip")]


def pristine_https(place: Place, runs: int) -> list[Section]:
    """To the page over HTTPS, with a certificate asked for anew each time."""
    return [_section(places.with_https(place), runs, "apt, pip and certbot")]


def _section(place: Place, runs: int, commands: str) -> Section:
    product = Product(place)
    subjects: Subjects = {
        "by hand": lambda: _from_nothing(place, lambda: _by_hand(place, product)),
        "fab deploy": lambda: _from_nothing(place, lambda: product.deploy(NEAR)),
    }
    found = rounds(f"pristine, {place.scheme}", subjects, runs)
    by_hand, ours = found["by hand"], found["fab deploy"]
    limit = 1.1 * statistics.median(by_hand) + 5
    target = within(limit, statistics.median(ours), "by hand + 10 % + 5 s")
    figures = [
        Figure(f"the same {commands} commands by hand", by_hand),
        Figure("`./fab deploy`", ours, beside=ratio(ours, by_hand, "by hand"), target=target),
    ]
    return Section(f"From a pristine host to the page served over {place.scheme}", figures)


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
    given = [APP, *([NAME, place.authority.server] if place.authority else [])]
    command = f"sudo tar -xC /root && sudo sh /root/by_hand.sh {shlex.join(given)}"
    run(*place.ssh(NEAR, command), given=_luggage(place, product))


def _luggage(place: Place, product: Product) -> bytes:
    """A tar of the script, the app and the rendered files."""
    files = place.directory / place.scheme
    product.write_files(files)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path, name in (BY_HAND, BY_HAND.name), (place.bundle(), "app.bundle"), (files, "files"):
            tar.add(path, name, filter=_of_root)
    return packed.getvalue()


def _of_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    return member
