"""The keys of a host's certificate and of its TLS: `acme` and `tls`."""

from __future__ import annotations

from . import code, names, paths
from .table import key, table
from .values import Flag, OneOf

LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"


@table
class Acme:
    """The certificate authority, and what is asked of it."""

    server: str = key(
        code.HTTPS,
        "The directory URL of the ACME server; when not given, Let's Encrypt's.",
        default=LETS_ENCRYPT,
    )
    ca: str | None = key(
        paths.LOCAL_FILE,
        "The certificate that tells the server is the right one, where the host's own will not do.",
        default=None,
    )
    profile: str | None = key(
        names.PROFILE,
        'The profile of the certificate, such as "shortlived"; needs certbot 4.1.',
        default=None,
    )


@table
class Tls:
    """What differs from the usual TLS settings."""

    off: bool = key(Flag(), "Plain HTTP, although there is a domain.", default=False)
    dhparam: str | None = key(
        OneOf("ffdhe2048", "generate"),
        "A Diffie-Hellman group, for clients older than 2014: the one of RFC 7919, or one of your "
        "own, made on your machine.",
        default=None,
    )
    hsts: str = key(
        OneOf("year", "off", "include_subdomains", "preload"),
        "What browsers are told for a year (Strict-Transport-Security), once the renewal is "
        'proven: this name, with "include_subdomains" those below it, with "preload" for the lists '
        'built into browsers, too; "off" has them forget it.',
        default="year",
    )
