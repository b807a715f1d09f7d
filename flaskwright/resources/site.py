"""What visitors reach: nginx's configuration in force, and the site's answer."""

from typing import ClassVar

from .base import Resource, resource


@resource
class Nginx(Resource):
    """nginx serves with the configuration that is on the disk.

    Told by its workers, which are younger than every configuration file: `nginx -t` and a reload
    both succeed when a port is taken, only the old workers stay.
    """

    kind: ClassVar[str] = "nginx"
    comes_last: ClassVar[int] = 1
    live: bool = True

    @property
    def name(self) -> str:
        """There is one nginx on a host."""
        return "configuration"


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
class Answer(Resource):
    """The site answers through nginx, and names that are nobody's get no answer.

    With `https` it is asked over TLS, and plain HTTP has to lead there.
    """

    kind: ClassVar[str] = "answer"
    comes_last: ClassVar[int] = 2  # once it is in force
    app: str
    url_path: str
    host_header: str
    https: bool = False

    @property
    def name(self) -> str:
        """The site's name and path, as a visitor types them."""
        return f"{self.host_header}{self.url_path}"


@resource
class Maintenance(Resource):
    """Visitors get the maintenance page with status 503, or the site where it is not `on`."""

    kind: ClassVar[str] = "maintenance"
    app_root: str
    app: str
    host_header: str
    https: bool
    on: bool

    @property
    def name(self) -> str:
        """The app."""
        return self.app
