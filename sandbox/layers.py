"""The disk of a host: overlayfs over its image, with frozen layers of other hosts in between."""

import json
from contextlib import suppress
from pathlib import Path

from flaskwright.errors import UsageError
from sandbox.commands import run, succeeds, wait_until
from sandbox.image import SUITES, current
from sandbox.state import Lab, Record, checked, records, remove, write


def root(lab: Lab, host: Record) -> Path:
    """Where the host's / is seen while it is mounted."""
    return disk(lab, host) / "root"


def disk(lab: Lab, host: Record) -> Path:
    """The directory with the host's own layer."""
    return lab.host(host.name) / "disk"


def mount(lab: Lab, host: Record) -> None:
    """Put the host's layers together; an upper directory that is not there is made empty."""
    place = disk(lab, host)
    place.mkdir(mode=0o700, exist_ok=True)
    if root(lab, host).is_mount():
        return
    for name in ("upper", "work", "root"):
        (place / name).mkdir(mode=0o755, exist_ok=True)
    below = [layer_upper(lab, name) for name in host.layers] + [lab.images / host.image]
    lower = ":".join(map(str, below))
    options = f"lowerdir={lower},upperdir={place / 'upper'},workdir={place / 'work'},index=off"
    run(["mount", "-t", "overlay", "overlay", "-o", options, str(root(lab, host))])


def unmount(lab: Lab, host: Record) -> None:
    """Take the host's / away, and what a test has mounted below its layer.

    A namespace that is just ending may hold it for a moment.
    """
    for place in (root(lab, host), disk(lab, host)):

        def gone(place: Path = place) -> bool:
            return not place.is_mount() or succeeds(["umount", str(place)])

        wait_until(gone, seconds=10, what=f"{place} cannot be unmounted")


def discard(lab: Lab, host: Record) -> Path:
    """Put the host's own layer aside: it starts afresh at once, and the caller removes what was."""
    trash = lab.host(host.name) / "trash"
    remove(trash)
    with suppress(FileNotFoundError):
        disk(lab, host).rename(trash)
    return trash


def freeze(lab: Lab, host: Record, name: str) -> None:
    """Make a layer of all that this host (not running, not mounted) has changed."""
    checked(name)
    forget(lab, name)
    target = lab.layers / name
    target.mkdir(mode=0o700)
    (disk(lab, host) / "upper").rename(target / "upper")
    remove(disk(lab, host) / "work")
    facts = {"suite": host.suite, "image": host.image, "below": host.layers}
    write(lab.layers / f"{name}.json", json.dumps(facts, indent=1))


def forget(lab: Lab, name: str) -> None:
    """Remove a layer; UsageError while a host or another layer stands on it."""
    users = [host.name for host in records(lab) if name in host.layers]
    users += [path.stem for path in described(lab) if name in json.loads(path.read_text())["below"]]
    if users:
        raise UsageError(f"sandbox layer {name}: in use", why=f"By {', '.join(users)}.")
    remove(lab.layers / f"{checked(name)}.json")
    remove(lab.layers / name)


def described(lab: Lab) -> list[Path]:
    """The description of every layer."""
    return sorted(lab.layers.glob("*.json"))


def stack(lab: Lab, name: str) -> tuple[str, str, tuple[str, ...]]:
    """Suite, image and layers (topmost first) for a host that is to stand on that layer."""
    path = lab.layers / f"{checked(name)}.json"
    if not path.exists():
        known = ", ".join((*SUITES, *(path.stem for path in described(lab))))
        raise UsageError(f"sandbox: no suite or layer {name}", why=f"Known: {known}.")
    facts = json.loads(path.read_text())
    return facts["suite"], facts["image"], (name, *facts["below"])


def is_current(lab: Lab, name: str) -> bool:
    """Whether that layer is there and stands on an image of today's recipe."""
    if not (lab.layers / f"{checked(name)}.json").exists():
        return False
    suite, image, _ = stack(lab, name)
    return image == current(suite)


def layer_upper(lab: Lab, name: str) -> Path:
    """The files of a layer."""
    return lab.layers / name / "upper"
