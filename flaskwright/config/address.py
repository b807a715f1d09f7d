"""A host as ssh names it: `[user@]address[:port]`, an IPv6 address in brackets or alone."""

import re

SPELLED = re.compile(
    r"(?:([^@]+)@)?"
    r"(?:\[([^][]+)\](?::([0-9]{1,5}))?|([^:@]+)(?::([0-9]{1,5}))?|([^@]*:[^@]*:[^@]*))"
)


def parts_of(spelled: str) -> tuple[str, str, str]:
    """Return user, address and port, each perhaps empty; what is not so spelled is all address."""
    found = SPELLED.fullmatch(spelled)
    if not found:
        return "", spelled, ""
    user, bracketed, its_port, name, port, ipv6 = found.groups(default="")
    return user, bracketed or name or ipv6, its_port or port
