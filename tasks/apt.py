"""The distribution's packages."""

from flaskwright import Host, Resources, operation
from flaskwright.resources.system import PackageLists, Upgraded


@operation()
def update(host: Host) -> Resources:
    """Fetch the lists of packages (apt-get update)."""
    yield PackageLists()


@operation(parallel=False)
def upgrade(host: Host) -> Resources:
    """Upgrade packages (apt-get upgrade): keeps your settings, says who is held and who reboots."""
    yield Upgraded()
