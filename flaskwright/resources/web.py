"""What visitors reach: nginx's configuration in force, and the site's answer."""

from dataclasses import field
from typing import ClassVar

from .base import Act, AtPath, PartOfApp, Resource, resource
from .system import File


@resource
class Nginx(Resource):
    """nginx serves with the configuration that is on the disk.

    Told by its workers, which are younger than every configuration file: `nginx -t` and a reload
    both succeed when a port is taken, only the old workers stay.
    """

    kind: ClassVar[str] = "nginx"
    rank: ClassVar[int] = 1
    live: bool = True


@resource
class DefaultServer(Resource):
    """No site of somebody else's is nginx's default server of these ports; told in a dry run."""

    kind: ClassVar[str] = "default-server"
    ports: tuple[int, ...]

    @property
    def name(self) -> str:
        """The ports, comma-separated."""
        return ",".join(map(str, self.ports))


@resource
class Answer(PartOfApp):
    """The site answers through nginx, and names that are nobody's get no answer.

    A site with HTTPS is asked over TLS, and plain HTTP has to lead there.
    """

    kind: ClassVar[str] = "answer"
    rank: ClassVar[int] = 2  # once it is in force
    url_path: str


@resource
class Maintenance(PartOfApp):
    """Visitors get the maintenance page with status 503, or the site where it is not `on`."""

    kind: ClassVar[str] = "maintenance"
    on: bool


@resource
class Fitted(File):
    """A file of nginx's configuration, with a content for each version that makes a difference.

    The operator's side renders, but only the host knows which nginx and OpenSSL it has: it gets
    them all, and takes the one for the newest versions (`1.25.1 3.5`) that it has reached.
    """

    kind: ClassVar[str] = "fitted"
    contents: dict[str, str] = field(default_factory=dict)


@resource
class NobodysCertificate(AtPath):
    """A self-signed certificate, where nginx cannot refuse a handshake without one."""

    kind: ClassVar[str] = "nobodys-certificate"


@resource
class Hsts(File):
    """The Strict-Transport-Security of one site, in force; it follows the proof it waits for."""

    kind: ClassVar[str] = "hsts"
    rank: ClassVar[int] = 5


@resource
class NginxTest(Act):
    """`nginx -t`; warnings count."""

    kind: ClassVar[str] = "nginx-test"


@resource
class NginxReload(Act):
    """`nginx -t`, a reload, and proof that the new workers are there."""

    kind: ClassVar[str] = "nginx-reload"
