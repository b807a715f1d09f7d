"""The host's clock beside a certificate authority's: a certificate is good between two moments."""

from __future__ import annotations

import time

from .errors import Failed

MOST = 300.0  # seconds that the two may differ
PATIENCE = 10.0  # seconds for an answer


def must_be_right(server: str) -> None:
    """Raise Failed where the host's clock and the authority's differ; silence says nothing."""
    told = _told_by(server)
    ahead = time.time() - told if told else 0.0
    if abs(ahead) <= MOST:
        return
    side = "ahead" if ahead > 0 else "behind"
    raise Failed(
        "this host's clock is %s %s" % (spoken(abs(ahead)), side),
        "it says %s, the authority's %s: certificates would seem to be not yet, or no longer, good"
        % (_stamp(time.time()), _stamp(told)),
        next="on the host: sudo timedatectl set-ntp true; a Raspberry Pi without a network has no "
        "clock, so look whether it reaches a time server (timedatectl timesync-status)",
    )


def spoken(seconds: float) -> str:
    """Give a span of time as people say it: `3.2 days`, `5.0 hours`, `12 minutes`, `40 seconds`."""
    for unit, length, digits in (("days", 86400, 1), ("hours", 3600, 1), ("minutes", 60, 0)):
        if seconds >= 2 * length:
            return "%.*f %s" % (digits, seconds / length, unit)
    return "%.0f seconds" % seconds


def _told_by(server: str) -> float:
    """Give the authority's time in seconds since the epoch, 0 where it does not tell.

    Its certificate is not looked at: with a wrong clock none would seem good, and nothing is told
    to it or believed but the hour.
    """
    import email.utils
    import ssl
    import urllib.request

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        # hosts.toml takes no other scheme than https
        with urllib.request.urlopen(server, timeout=PATIENCE, context=context) as answer:  # noqa: S310
            date = answer.headers.get("Date", "")
        return email.utils.parsedate_to_datetime(date).timestamp()
    except (OSError, TypeError, ValueError):
        return 0.0


def _stamp(moment: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(moment))
