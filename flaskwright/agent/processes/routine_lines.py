"""What systemd, gunicorn and nginx say day by day, which tells nobody anything of the app."""

from __future__ import annotations

import re

SYSTEMD = (
    r"^(Start|Stopp|Reload)(ing|ed) |^(Listening on|Closed) |"
    r": (Deactivated successfully|Consumed .* CPU time|"
    r"Failed to open /(etc|run)/systemd/\S+: No such file or directory)"  # before the first release
)
GUNICORN = (
    r"^(\[[-+: \d]+\] )+\[INFO\] (Starting gunicorn|Listening at|Using worker|"
    r"Booting worker|Handling signal|Hang up|Worker exiting|Shutting down)"
)
# what the app writes is for itself alone, and it is asked for it then
NGINX = r'open(at)?\(\) "/srv/[^"/]+/shared/[^"]+" failed \(13: Permission denied\)'
_OF = {
    "systemd": re.compile(SYSTEMD),
    "app": re.compile(GUNICORN),
    "nginx": re.compile(NGINX),
}
_OF_ANYBODY = re.compile("%s|%s" % (SYSTEMD, GUNICORN))


def is_ordinary(line: str, who: str = "") -> bool:
    """Tell whether a line is one of those; who: has said it, as the journal itself knows."""
    pattern = _OF.get(who) if who else _OF_ANYBODY
    return bool(pattern and pattern.search(line))
