"""Writes the generated parts of docs/ anew: `python docs/generate.py [--check]`.

A guide's table stands between `<!-- begin guide NAME -->` and `<!-- end guide NAME -->`, a table of
house.py between `<!-- begin house NAME -->` and `<!-- end house NAME -->`; the keys of hosts.toml
and its schema come from flaskwright.config.
"""

import re
import sys
from pathlib import Path

import house

import guides  # noqa: F401 - makes them known
from flaskwright.config.reference import pages as config_pages
from flaskwright.guide import Guide, Heading, guide_named

ROOT = Path(__file__).parent.parent
TABLE = re.compile(r"(<!-- begin (guide|house) (\S+) -->\n).*?(<!-- end \2)", re.DOTALL)


def pages() -> dict[Path, str]:
    """Return every page that has generated parts, as it should be."""
    with_guide = {page: _with_tables(page.read_text()) for page in (ROOT / "docs").glob("*.md")}
    return {**with_guide, **config_pages(ROOT)}


def guide_table(guide: Guide) -> str:
    """Return the guide's headings with their tasks, or the reason why none, as a table."""
    rows = [f"| {heading.title} | {_tasks(heading)} |" for heading in guide.headings]
    return "\n".join(["| heading | tasks |", "| --- | --- |", *rows])


def _with_tables(text: str) -> str:
    return TABLE.sub(lambda part: f"{part[1]}{_table(part[2], part[3])}\n{part[4]}", text)


def _table(what: str, name: str) -> str:
    return guide_table(guide_named(name)) if what == "guide" else house.tables()[name]


def _tasks(heading: Heading) -> str:
    steps = _names(heading.setup + heading.deploy)
    asked = _names(heading.on_request)
    parts = (
        steps,
        f"on request: {asked}" if asked else "",
        f"by hand: {heading.by_hand}" if heading.by_hand else "",
        f"not yet in this version: {heading.later}" if heading.later else "",
    )
    return "; ".join(filter(None, parts))


def _names(tasks: tuple) -> str:  # type: ignore[type-arg]
    return ", ".join(f"`{task.full_name}`" for task in tasks)


def main(check: bool) -> int:
    """Write every page that is out of date; with `check` only name them, and return 1."""
    stale = {page: text for page, text in pages().items() if page.read_text() != text}
    for page, text in stale.items():
        print(page.relative_to(ROOT), "is out of date: ./fab docs" if check else "written")
        if not check:
            page.write_text(text)
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
