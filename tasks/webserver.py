"""What `nginx.*` and `certs.*` share: nginx itself, and where its sites are."""

from flaskwright import Host, Resources
from flaskwright.resources.system import Packages, Port, Unit

AVAILABLE, ENABLED = "/etc/nginx/sites-available", "/etc/nginx/sites-enabled"
DEFAULT = "flaskwright-default"


def installed(host: Host) -> Resources:
    """The package, where nobody else has its port."""
    yield Port(80, owner="nginx")
    yield Packages(("nginx",))


def running(host: Host) -> Resources:
    """The service, now and at boot."""
    yield from installed(host)
    yield Unit("nginx.service")
