"""Names: of apps, hosts, domains, addresses, users; where each ends up decides what it may hold."""

from __future__ import annotations

import re

from .values import Text, when

LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
IPV4 = r"\d{1,3}(?:\.\d{1,3}){3}"
TAKEN = {
    "default": "nginx's stock site has this name",
    "flaskwright": "directories of Flaskwright have this name",
    "flaskwright-default": "the site that answers to unknown names has this name",
    "flaskwright-default-tls": "the site that answers to unknown names has this name",
    "nginx": "the web server has this name",
    "root": "the superuser has this name",
    "ssh": "the way into the host has this name",
}
# What Python's "idna" codec, of 2003, turns into another domain than browsers do.
DEVIATING = re.compile("[ßς\u200c\u200d]")


def _another_s(prefix: str) -> str | None:
    """Refuse what the variables of other programs could begin with, such as AWS_."""
    if prefix.startswith("FLASKWRIGHT_") or not re.fullmatch("[A-Z_][A-Z0-9_]*", prefix):
        return None
    return (
        f'should begin with "FLASKWRIGHT_", as "FLASKWRIGHT_{prefix.strip("_")}_" does: what other '
        "programs keep in their variables is no secret of an app"
    )


def _beyond_ascii(domain: str) -> str | None:
    if domain.isascii():
        return None
    try:
        spelled = "" if DEVIATING.search(domain) else domain.encode("idna").decode()
    except UnicodeError:
        spelled = ""
    return f'should be spelled as DNS has it, "{spelled or "xn--…"}"'


def _not_an_address(address: str) -> str | None:
    if ":" not in address:
        return None
    from ipaddress import IPv6Address

    try:
        IPv6Address(address)
    except ValueError:
        return "should be an address alone: a port goes into the key `port`"
    return None


APP_NAME = Text(
    "a name of lower-case letters, digits and -, at most 31, the first a letter "
    "(it becomes a user, a unit and a path)",
    "[a-z][a-z0-9-]{0,30}",
    TAKEN.get,
    label="an app's name",
)
HOST_NAME = Text(
    "a name of letters, digits and . _ -, at most 64, the first a letter or digit",
    "[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
    label="a name",
)
CHOICE = Text(
    "a host, a group, or several with commas between",
    r"[A-Za-z0-9][A-Za-z0-9._-]*(?:\s*,\s*[A-Za-z0-9][A-Za-z0-9._-]*)*",
)
DOMAIN = Text(
    "a domain name",
    rf"(?=.{{1,253}}$){LABEL}(?:\.{LABEL})*",
    when(r"\*", "a wildcard cannot be proven over port 80; name each domain in `aliases`"),
    when("/", "should be the name alone, without http:// and path"),
    when(r"\.$", "should not end with a dot"),
    when(f"^{IPV4}$|:", "is an address; a site without a domain answers on every address"),
    _beyond_ascii,
    tidy=str.lower,
)
ADDRESS = Text(
    "a host name, an IP address, or a Host of ssh_config",
    r"[A-Za-z0-9_][A-Za-z0-9._-]{0,252}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9._-]+)?",
    when("^-", 'may not begin with "-": ssh would take it for an option'),
    when("@", "should be an address alone: a user goes into the key `user`"),
    when("/", "should be an address alone, no URL"),
    when(r"[\[\]]", "should have no brackets; a port goes into the key `port`"),
    _not_an_address,
)
USER = Text("a login name", "[A-Za-z_][A-Za-z0-9._-]{0,31}")
EMAIL = Text("a mail address", rf"[A-Za-z0-9._%+'-]+@{LABEL}(?:\.{LABEL})+")
ENV_NAME = Text(
    "a name of letters, digits and _, the first no digit",
    "[A-Za-z_][A-Za-z0-9_]*",
    when(
        "^(FLASKWRIGHT|LISTEN|WATCHDOG|CREDENTIALS)_|^NOTIFY_SOCKET$",
        "Flaskwright and systemd set this",
    ),
    label="a name",
)
ENV_PREFIX = Text(
    "the beginning of a variable's name, of upper-case letters, digits and _",
    "FLASKWRIGHT_[A-Z0-9_]*",
    _another_s,
)
ENTRY = Text(
    "a keyring entry, SERVICE/USERNAME", r"[^/\s{}][^/{}\x00-\x1f\x7f]*/[^/{}\x00-\x1f\x7f]+"
)
PROFILE = Text("a profile's name", "[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
