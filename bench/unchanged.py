"""The whole guide on a host where all of it is done, near and behind a long line."""

from __future__ import annotations

import statistics

from bench import place as places
from bench.figures import (
    Figure,
    Samples,
    Section,
    Subjects,
    Target,
    ratio,
    rounds,
    times,
    warm,
    within,
)
from bench.place import FAR, NEAR, Place
from bench.product import Product
from bench.programs import run
from bench.rivals import Rivals, versions

LINKS = {NEAR: "on the bridge", FAR: "with 100 ms of round-trip time"}
FASTER = {NEAR: {"pyinfra": 4, "ansible-core": 10}, FAR: {"pyinfra": 8, "ansible-core": 14}}


def nothing_to_change(place: Place, runs: int) -> list[Section]:
    """Over HTTP, beside the other tools."""
    product = Product(place)
    release = product.deploy(NEAR)[1]["facts"]["release"]
    rivals = Rivals(place, product, release)
    try:
        rivals.converge()
        return [_section(place, product, link, runs, _of(rivals, link)) for link in LINKS]
    finally:
        rivals.leave()


def nothing_to_change_https(place: Place, runs: int) -> list[Section]:
    """Over HTTPS, with the tasks of the certificate."""
    place = places.with_https(place)
    product = Product(place)
    product.deploy(NEAR)
    return [_section(place, product, link, runs, {}) for link in LINKS]


def _of(rivals: Rivals, link: str) -> Subjects:
    return {
        "pyinfra": lambda: rivals.pyinfra(link),
        "ansible-core": lambda: rivals.ansible(link),
    }


def _section(place: Place, product: Product, link: str, runs: int, rivals: Subjects) -> Section:
    subjects: Subjects = {
        "ssh": lambda: run(*place.ssh(link, "true")).seconds,
        "fab deploy": lambda: product.deploy_unchanged(link),
        **rivals,
    }
    warm(subjects)
    found = rounds(f"nothing, {place.scheme}, {LINKS[link]}", subjects, runs)
    ssh, ours = found["ssh"], found["fab deploy"]
    limit = 1.5 * statistics.median(ssh) + 0.5
    target = within(limit, statistics.median(ours), "1.5 × ssh + 0.5 s")
    title = f"Nothing to change, {place.scheme}, {product.size} resources, {LINKS[link]}"
    return Section(
        title,
        [
            Figure("`ssh HOST true`", ssh),
            Figure("`./fab deploy`", ours, beside=ratio(ours, ssh, "ssh"), target=target),
            *(_rival(tool, found[tool], ours, FASTER[link][tool]) for tool in rivals),
        ],
    )


def _rival(tool: str, theirs: Samples, ours: Samples, least: int) -> Figure:
    name = f"{tool} {versions()[tool]}"
    target = Target(f"≥ {least} × `./fab deploy`", times(theirs, ours) >= least)
    return Figure(name, theirs, beside=ratio(theirs, ours, "`./fab`"), target=target)
