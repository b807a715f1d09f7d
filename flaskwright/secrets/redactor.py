"""The redactor that keeps secrets out of every sink, by value and in the forms that they take.

How they are found is the agent's business too: flaskwright/agent/common/hiding.py.
"""

from __future__ import annotations

from flaskwright.agent.common.hiding import HIDDEN, Hider
from flaskwright.agent.common.spellings import spellings

__all__ = ["HIDDEN", "Redactor", "redact", "spellings"]

Redactor = Hider

redact = Redactor()
"""The process's own: every secret that was read is hidden by it."""
