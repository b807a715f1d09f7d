"""A hosts.toml for tests, and the host in it."""

from pathlib import Path

import guides  # noqa: F401 - makes them known
from flaskwright.inventory import Host, load

TEXT = """
[apps.blog]
repo = "https://git.example.org/blog.git"
wsgi = "blog:create_app()"
directory = "web"
static = {{ "/static/" = "static/", "/robots.txt" = "static/robots.txt" }}
env = {{ DATABASE = "{{shared}}/blog.db", RELEASE = "{{release}}" }}
{app}

[hosts.pi]
guide = "{guide}"
address = "192.0.2.7"
app = "blog"
{host}
"""


def host_in(directory: Path, *, app: str = "", host: str = "", guide: str = "raspberry-pi") -> Host:
    """Write a hosts.toml with more lines for its app and its host, and return the host `pi`."""
    path = directory / "hosts.toml"
    path.write_text(TEXT.format(app=app, host=host, guide=guide))
    return load(path).hosts["pi"]
