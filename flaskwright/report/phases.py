"""The five phases of a deploy, and which resource belongs to which: for every guide the same."""

from __future__ import annotations

from dataclasses import dataclass, field

PACKAGES, HTTPS, ENVIRONMENT, RELEASE, LIVE = PHASES = (
    *("Packages", "HTTPS", "Environment", "Release", "Live"),
)

# the kinds of resources that begin a phase; what follows one belongs to it, whatever its kind
BEGINS = {
    **dict.fromkeys(("app-name", "packages", "package-lists", "upgraded", "port"), PACKAGES),
    **dict.fromkeys(("leads-here", "certificate", "nobodys-certificate", "issue", "prove"), HTTPS),
    **dict.fromkeys(("renewal", "revocation", "certificate-deletion", "dh-group"), HTTPS),
    **dict.fromkeys(("repository", "venv", "requirements"), ENVIRONMENT),
    **dict.fromkeys(("release", "migrated", "mysql-migrated", "before-switch", "earlier"), RELEASE),
    **dict.fromkeys(("serving", "nginx", "answer", "kept", "after-commit"), LIVE),
    **dict.fromkeys(("reload", "restart", "proof", "hsts", "maintenance"), LIVE),
}
# what a transaction is at, for people
WORDS = {
    "migrate": "migrates the database",
    "canary": "tries the release beside what serves",
    "switch": "starts it, and switches",
    "verify": "looks whether it serves",
    "commit": "ends what served before",
    "undo": "goes back to what served before",
    "hook": "runs the app's own command",
}


def phase_of(kind: str, before: str) -> str:
    """Return the phase of a resource of a kind, where another one is under way; empty: none.

    No phase comes twice: what would begin an earlier one belongs to the one under way.
    """
    begun = BEGINS.get(kind, "")
    if not begun or (before in PHASES and PHASES.index(begun) < PHASES.index(before)):
        return before
    return begun


@dataclass
class Row:
    """What came of a phase, or of a step that belongs to none."""

    name: str
    seconds: float = 0.0
    changed: int = 0
    failed: str = ""  # the step in which it did
    notes: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        """What became of the phase: `2 changed`, `unchanged`, `failed in NAME`."""
        if self.failed:
            return f"failed in {self.failed}"
        return f"{self.changed} changed" if self.changed else "unchanged"
