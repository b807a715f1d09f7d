"""What goes to the agent in frames, beside answers."""

from __future__ import annotations

STOP = b"\0stop"  # a frame that answers nothing
