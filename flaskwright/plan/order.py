"""The order of a plan's resources, and what of it is done at one go or side by side.

Each resource stands once. Its place is the first that a step gives it, since others stand on it;
what puts others in force comes last. Packages are installed in one run of apt, those that come
before the environment in one of their own: so it is built while the others are installed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..errors import FlaskwrightError
from ..resources.base import Planned
from ..resources.system import Packages


def ordered(planned: Iterable[Planned]) -> list[Planned]:
    """Return what stands once, in order; raises FlaskwrightError where two steps contradict."""
    items: dict[str, Planned] = {}
    before = ""  # what is there by the time that all of what may be early could begin
    for item in planned:
        resource = item.resource
        first = items.get(resource.id)
        if first and first.resource != resource:
            what = f"{first.step} and {item.step} want different things"
            raise FlaskwrightError(f"{resource.id}: {what}")
        if not first and resource.is_early:
            before = next((one for one in reversed(items) if not items[one].resource.is_early), "")
        if resource.rank > 0 or resource.is_early:
            items.pop(resource.id, None)
        items.setdefault(resource.id, item)
    return _in_company(sorted(items.values(), key=lambda one: one.resource.rank), before)


def _in_company(items: list[Planned], before: str) -> list[Planned]:
    """Have the first packages bring what later steps install, and the early begin beside them."""
    ids = [item.resource.id for item in items]
    begins = ids.index(before) + 1 if before else 0
    early = tuple(item.resource.id for item in items if item.resource.is_early)
    return _bring(items[:begins]) + _bring(items[begins:], early)


def _bring(items: list[Planned], beside: tuple[str, ...] = ()) -> list[Planned]:
    packages = [item.resource for item in items if isinstance(item.resource, Packages)]
    if not packages:
        return items
    first, *others = packages
    along = tuple(name for each in others for name in each.names)
    brings = replace(first, along=along, beside=beside)
    return [replace(item, resource=brings) if item.resource is first else item for item in items]
