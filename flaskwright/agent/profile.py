"""A profile of a certificate, such as Let's Encrypt's `shortlived`: which certbot knows them."""

from __future__ import annotations

from .errors import Failed
from .fitted import numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .run import Run

KEY = "preferred_profile"  # in what certbot notes for the renewal
# 4.0 takes the flag too, but does not note it: its renewals would be of another profile
SINCE = (4, 1)


def words(profile: str) -> list[str]:
    """Give the words of certbot's command line."""
    return ["--preferred-profile", profile] if profile else []


def must_be_known(run: Run, profile: str) -> None:
    """Raise Failed where the host's certbot cannot ask for profiles and renew with them."""
    said = run.command(["certbot", "--version"], check=False, timeout=60).out
    version = said.rpartition(" ")[2].strip()
    if numbers(version) >= SINCE:
        return
    raise Failed(
        "certbot %s on this host cannot keep to the profile %s" % (version, profile),
        "profiles are noted for renewals since certbot %d.%d" % SINCE,
        next="take `acme.profile` out of hosts.toml, or install a newer certbot on the host",
    )
