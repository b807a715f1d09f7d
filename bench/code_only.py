"""The deploy of a commit that changes code alone: by us, by others, and the least by hand."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from bench import gitdaemon
from bench.deployers import Deployers, version
from bench.figures import Figure, Samples, Section, Subjects, Target, ratio, rounds, times, warm
from bench.place import FAR, NEAR, Place, commit
from bench.product import Product
from bench.programs import BenchError
from bench.unchanged import LINKS
from sandbox import network, state

MOST = {NEAR: 1.3, FAR: 0.5}  # times as long as Capistrano
MOST_BY_HAND = 2  # times as long as what it cannot do without


class Deploys:
    """All that deploy, and the parts of what was done by hand so far."""

    def __init__(self, place: Place, url: str) -> None:
        self._repository = place.repository
        self._product = Product(place, _hosts_toml(place, url))
        self._product.deploy(NEAR)
        self._others = Deployers(place, url)
        self.parts: list[dict[str, float]] = []

    @property
    def to_commit(self) -> list[float]:
        """What our deploys took until the commit so far."""
        return self._product.to_commit

    def subjects(self, link: str) -> Subjects:
        """What is measured over a link; each deploys a commit of its own."""
        return {
            "fab deploy": self._with_commit(self._product.deploy_commit, link),
            "capistrano": self._with_commit(self._others.capistrano, link),
            "plain fabric": self._with_commit(self._others.fabric, link),
            **({"by hand": self._by_hand} if link == NEAR else {}),
        }

    def _with_commit(self, deploy: Callable[[str, str], float], link: str) -> Callable[[], float]:
        return lambda: deploy(link, self._commit())

    def _by_hand(self) -> float:
        self._commit()
        self.parts.append(self._others.by_hand())
        return sum(self.parts[-1].values())

    def _commit(self) -> str:
        (self._repository / "VERSION").write_text(f"{time.time_ns()}\n")
        return commit(self._repository)


def code_only(place: Place, runs: int) -> list[Section]:
    """Near and far; the host fetches from this machine over the bridge each time."""
    with gitdaemon.serving(place.repository, _bridge()) as url:
        deploys = Deploys(place, url)
        return [_section(deploys, link, runs) for link in LINKS]


def _section(deploys: Deploys, link: str, runs: int) -> Section:
    subjects = deploys.subjects(link)
    warm(subjects)
    deploys.parts.clear()
    deploys.to_commit.clear()
    found = rounds(f"deploy, {LINKS[link]}", subjects, runs)
    ours, theirs = found["fab deploy"], found["capistrano"]
    reached = times(ours, theirs) <= MOST[link]
    figures = [
        Figure(
            "`./fab deploy`, with canary, verification and commit",
            ours,
            beside=ratio(ours, theirs, "Capistrano"),
            target=Target(f"≤ {MOST[link]} × Capistrano", reached),
        ),
        Figure(f"Capistrano {version()}", theirs),
        Figure("the guide's commands as a Fabric script", found["plain fabric"]),
    ]
    if link == NEAR:
        figures.append(_by_hand(found["by hand"], deploys.to_commit, deploys.parts))
    return Section(f"A commit that changes code alone, {LINKS[link]}", figures)


def _by_hand(by_hand: Samples, ours: Samples, parts: list[dict[str, float]]) -> Figure:
    """The row of the sum, which says what its parts took; ours are the seconds to the commit."""
    medians = {name: statistics.median(part[name] for part in parts) for name in parts[0]}
    said = " + ".join(f"{name} {seconds:.2f} s" for name, seconds in medians.items())
    reached = times(ours, by_hand) < MOST_BY_HAND
    target = Target(f"`./fab deploy`, to its commit, < {MOST_BY_HAND} × that", reached)
    seconds = statistics.median(ours)
    beside = (
        f"{said}; `./fab`'s commit is there after {seconds:.2f} s, {ratio(ours, by_hand, 'that')}"
    )
    return Figure(
        "what it cannot do without, by hand on the host", by_hand, beside=beside, target=target
    )


def _hosts_toml(place: Place, url: str) -> Path:
    """The same host, which fetches the app from a URL."""
    path = place.directory / "deploy.toml"
    path.write_text(re.sub(r"(?m)^repo = .*$", f'repo = "{url}"', place.hosts_toml.read_text()))
    return path


def _bridge() -> str:
    """The address of this machine on the bridge that the host is on."""
    bridge = network.recorded(state.lab())
    if bridge is None:
        raise BenchError("there is no bridge")
    return bridge.address(1)
