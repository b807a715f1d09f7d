"""What certbot has noted for the renewals of a certificate, in /etc/letsencrypt/renewal."""

from __future__ import annotations

import os
import re

from ..system import disk
from .certbot import HOME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


PARAMETERS = "[renewalparams]\n"
MAP = "[[webroot_map]]\n"


def path(domain: str) -> str:
    """Give the path of what certbot has noted for a domain."""
    return os.path.join(HOME, "renewal", domain + ".conf")


def read(domain: str) -> str:
    """Give the text of what certbot has noted for a domain; empty where there is none."""
    return (disk.read(path(domain)) or b"").decode("utf-8", "surrogateescape")


def value(text: str, key: str) -> str:
    """Give what is noted under a key; empty for nothing."""
    found = re.search(r"^%s\s*=\s*(.*?)\s*$" % re.escape(key), text, re.MULTILINE)
    return found.group(1) if found else ""


def webroot(text: str, names: Sequence[str]) -> str | None:
    """Give the directory that all names are answered from, None for no such one.

    Then a renewal by the timer ends with "Input the webroot for …": certbot 0.31 to 0.34 left the
    table out when a certificate was asked for a second time (certbot#7048).
    """
    found = dict(re.findall(r"^(\S+)\s*=\s*(.*?)\s*$", text.partition(MAP)[2], re.MULTILINE))
    roots = {found.get(name) for name in names}
    by_webroot = value(text, "authenticator") == "webroot"
    return roots.pop() if by_webroot and len(roots) == 1 else None


def with_webroot(text: str, names: Sequence[str], webroot: str) -> str:
    """Give the text with the directory for each of the names; other keys and sections stay."""
    head, mark, rest = text.partition(PARAMETERS)
    found = re.search(r"^\[[^\[]", rest, re.MULTILINE)
    end = found.start() if found else len(rest)
    own = re.sub(r"^\[\[webroot_map\]\]\n(?:(?!\[).*\n)*", "", rest[:end], flags=re.MULTILINE)
    own = re.sub(r"^(authenticator|installer|webroot_path)\s*=.*\n", "", own, flags=re.MULTILINE)
    noted = "authenticator = webroot\nwebroot_path = %s,\n" % webroot
    table = MAP + "".join("%s = %s\n" % (name, webroot) for name in names)
    return head + mark + noted + own + table + rest[end:]


def repair(domain: str, names: Sequence[str], webroot: str) -> None:
    """Note the directory for each of the names, as certbot itself would have."""
    text = with_webroot(read(domain), names, webroot)
    disk.write(path(domain), text.encode("utf-8", "surrogateescape"))
