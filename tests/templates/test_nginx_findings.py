"""What a static checker of nginx's configurations, gixy, has to say of ours."""

import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from flaskwright.plan.templates import (
    NGINX,
    OPENSSL,
    ROOT,
    rendered,
)
from tests.hosts_file import host_in

NAMES = 'domain = "example.org"\naliases = ["www.example.org"]'
NOT_OURS = {
    "try_files_is_evil_too": "its cure, open_file_cache, would serve files of the release before",
    "hsts_header": "before nginx 1.19.4 it wants one of the server that lets nobody in",
}
MAIN = """user www-data;
worker_processes auto;
events { multi_accept on; }
http {
    include conf.d/*.conf;
    include sites-available/*;
}
"""


def configured(directory: Path, host: str, **versions: tuple[int, ...]) -> Path:
    """Write all of nginx's files for a host, as they are below /etc/nginx."""
    declared = host_in(directory, host=host)
    for template in ROOT.glob("etc/nginx/**/*.j2"):
        name = str(template.relative_to(ROOT)).removesuffix(".j2")
        path = directory / name.format(app="blog")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rendered(name, declared, **versions))
    main = directory / "etc/nginx/nginx.conf"
    main.write_text(MAIN)
    return main


@pytest.mark.parametrize(("nginx", "openssl"), [*product(NGINX[::3], OPENSSL)])
@pytest.mark.parametrize("host", ["", NAMES, f"{NAMES}\ntls = {{ off = true }}"])
def test_gixy_finds_nothing(tmp_path, host, nginx, openssl):
    main = configured(tmp_path, host, nginx=nginx, openssl=openssl)
    gixy = Path(sys.executable).with_name("gixy")
    argv = [gixy, "--skips", ",".join(NOT_OURS), "--format", "text", main]

    done = subprocess.run(argv, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
