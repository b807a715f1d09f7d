"""Debian's packages."""

from flaskwright import Host, PackageLists, Resources, operation


@operation()
def update(host: Host) -> Resources:
    """Fetch the lists of packages (apt-get update)."""
    yield PackageLists()
