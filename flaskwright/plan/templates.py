"""Renders templates/; a template stands at its target path, with {app} for the app's name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flaskwright.agent.common import place

from ..config.env import shell_word
from ..errors import UsageError
from ..resources.releases import ReleaseFile
from ..resources.system import File
from ..resources.web import Fitted
from .static_locations import served

if TYPE_CHECKING:
    import jinja2

    from ..inventory import Host

PRODUCT = Path(__file__).parents[1]
ROOT = PRODUCT.parent / "templates"
UPLOADED = 1024  # megabytes that wait on a host's disk for an app
PLACES = {"apps": place.APPS, "state": place.STATE, "cache": place.CACHE}
HIDING = ("hiding", "spellings", "text")  # modules of the agent

# Versions from which a template differs: ssl_reject_handshake, keys of session tickets that nginx
# changes by itself, the directive http2; and the key exchange X25519MLKEM768.
NGINX = ((0,), (1, 19, 4), (1, 23, 2), (1, 25, 1))
OPENSSL = ((0,), (3, 5))


def template_file(path: str, host: Host, **properties: Any) -> File:
    """Return the File at `path`, rendered for `host`; `properties` are File's other fields."""
    return File(_target(path, host), rendered(path, host), **properties)


def release_file(path: str, host: Host, **properties: Any) -> tuple[str, ReleaseFile]:
    """Return a file of a release, as its path within the release and what is in it.

    `path` is where the host sees it: below /srv/APP/current, or as a link into it.
    """
    current = f"{host.app.place.current}/" if host.app else ""
    inside = _target(path, host).removeprefix(current).lstrip("/")
    return inside, ReleaseFile(rendered(path, host), **properties)


def hiding_files() -> list[tuple[str, ReleaseFile]]:
    """Return, as files of a release, the package by which both agent and app hide secrets."""
    head = "# Made by Flaskwright: keeps secrets out of what is printed; edits are lost.\n"
    common = PRODUCT / "agent/common"
    texts = {name: (common / f"{name}.py").read_text("utf-8") for name in HIDING}
    texts["__init__"] = "from .hiding import Covered, Hiding\n\n__all__ = ['Covered', 'Hiding']\n"
    place = "etc/keyring/flaskwright_hiding"
    return [(f"{place}/{name}.py", ReleaseFile(head + texts[name])) for name in sorted(texts)]


def workers_file() -> tuple[str, ReleaseFile]:
    """Return, as a file of a release, the rule by which both agent and gunicorn choose workers."""
    head = "# Made by Flaskwright: which workers suit the app, part of a release; edits are lost.\n"
    text = head + (PRODUCT / "agent/releases/worker_class.py").read_text("utf-8")
    return "etc/flaskwright_workers.py", ReleaseFile(text)


def fitted_file(path: str, host: Host) -> Fitted:
    """Return the file at `path` for each nginx and OpenSSL; the host takes what fits its own.

    What is the same as for the version before is left out: the host takes that one's.
    """
    texts: dict[str, str] = {}
    before: list[str] = []
    for nginx in NGINX:
        level = [rendered(path, host, nginx=nginx, openssl=openssl) for openssl in OPENSSL]
        if level != before:
            for openssl, text, last in zip(OPENSSL, level, ["", *level], strict=False):
                if text != last:
                    texts[f"{_dotted(nginx)} {_dotted(openssl)}"] = text
        before = level
    return Fitted(_target(path, host), "", check="nginx", contents=texts)


def rendered(path: str, host: Host, **more: Any) -> str:
    """Render the template of `path` with `host`, `app` and more; an unknown name is an error."""
    template = _environment().get_template(f"{path.lstrip('/')}.j2")
    locations = served(host.app) if host.app else []
    return template.render(host=host, app=host.app, served=locations, **PLACES, **more)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _target(path: str, host: Host) -> str:
    return path.format(app=host.app.name if host.app else "{app}")


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    from .compiled_templates import CompiledTemplates

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - configuration files; each value passes a filter or a check
        keep_trailing_newline=True,
        bytecode_cache=CompiledTemplates(ROOT),
        optimized=False,  # what a filter gives is not kept with it
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["python"] = repr
    environment.filters["nginx"] = _nginx_word
    environment.filters["shell"] = shell_word
    environment.filters["at_once"] = _at_once
    return environment


def _at_once(upload: str) -> int:
    """Return how many uploads of a size may wait on the disk together: a gigabyte, or four."""
    megabytes = int(upload[:-1]) * {"M": 1, "G": 1024}[upload[-1]]
    return max(UPLOADED // megabytes, 4)


def _nginx_word(text: str) -> str:
    """Quote one parameter of an nginx directive; what would end the quotes is refused."""
    if any(character in text for character in '"\r\n\0') or text.endswith("\\"):
        raise UsageError(f"{text!r} cannot stand in an nginx configuration")
    return f'"{text}"'
