"""The link to the operator: frames come in on stdin, events go out on stdout.

A frame is its length in decimal, a newline, and that many bytes. An event is a line of JSON.
Between frames the operator's side stays open and silent, so the end of stdin says that it is gone.
"""

from __future__ import annotations

STOP = b"\0stop"  # a frame that answers nothing
