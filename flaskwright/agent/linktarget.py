"""Where the symbolic links of a tree lead, told from their texts alone."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HOPS = 40  # links on one way, as the kernel has it


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
