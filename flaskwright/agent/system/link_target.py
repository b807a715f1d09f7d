"""Where the symbolic links of a tree lead, told from their texts alone."""

from __future__ import annotations

from ..engine.errors import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


STEPS = 2_000_000  # names on the way of all links of a tree
HOPS = 40  # links on one way, as the kernel has it


class Steps:
    """A bound on looking: one link of a stranger's can lead through forty others."""

    def __init__(self) -> None:
        self.left = STEPS

    def __call__(self) -> None:
        """Take a step; raises Failed after too many."""
        self.left -= 1
        if self.left < 0:
            raise Failed("there are too many files, or links through links")


def way_out(path: str, links: Mapping[str, str], step: Callable[[], None]) -> str:
    """Give where the link `path` leaves its tree to; "" when it stays, or leads nowhere at all.

    `links` has the target of every link of the tree by its path there; so a link is followed
    through others. `step` is called for each name on the way, and may raise.
    """
    here: list[str] = []
    todo, hops = _backwards(path), 0
    while todo and hops <= HOPS:
        step()
        name = todo.pop()
        target = links.get("/".join([*here, name]))
        if target is not None:
            hops += 1
            if target.startswith("/"):
                return "/".join([target, *reversed(todo)])
            todo += _backwards(target)
        elif name != "..":
            here.append(name)
        elif here:
            here.pop()
        else:
            return "/".join(["..", *reversed(todo)])
    return ""


def _backwards(path: str) -> list[str]:
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]
