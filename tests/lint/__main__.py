"""Print what breaks a rule of the house, a line each; the exit status is 1 where there is any."""

import sys

from tests.lint import agent_source, line_ends, replaced_names, sizes
from tests.lint.sources import ROOT

CHECKS = (sizes, agent_source, line_ends, replaced_names)


def findings() -> list[str]:
    """Return the findings of every check in this repository."""
    return [line for check in CHECKS for line in check.findings(ROOT)]


if __name__ == "__main__":
    found = findings()
    print("\n".join(found) or "sizes, the agent's Python, ends of lines, replaced names: as agreed")
    sys.exit(bool(found))
