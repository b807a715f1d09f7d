"""All cells of the matrix: which fault can happen in which phase, and the few that are quick."""

from __future__ import annotations

from .apps import APP_FAULTS
from .clock import CLOCK
from .faults import FAULTS, Fault
from .lost import lost_pages
from .outside import OUTSIDE
from .phases import PHASES, TRANSACTION

# how it happens, the exit codes that are right, its phases
MATRIX: dict[str, tuple[Fault, tuple[int, ...], tuple[str, ...]]] = {
    **{name: (*fault, PHASES) for name, fault in FAULTS.items()},
    "unwritten pages lost": (lost_pages, (6,), TRANSACTION),
    **CLOCK,
    **OUTSIDE,
    **APP_FAULTS,
}
CELLS = [(fault, phase) for fault, (*_, phases) in MATRIX.items() for phase in phases]
SLICE = {
    ("client killed", "canary"),
    ("Ctrl-C", "switch"),
    ("link reset", "release"),
    ("agent killed", "switch"),
    ("agent killed", "undo"),
    ("power cut", "switch"),
    ("disk full", "canary"),
    ("nginx refuses", "switch"),
}
