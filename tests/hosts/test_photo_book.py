"""A beginner's photo book: served in two deploys, by doing what the messages say."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import sandbox

from .conftest import Shell, on
from .project import Project, Said
from .visitor import ask, page

pytestmark = on("bookworm")

APP = Path(__file__).parent / "apps" / "photo_book"
HOST = "photo-book"
SIDE = 1900  # of a photo that is noise: no format can make it smaller than 10 MB
DECLARED = """
[apps.photos]
repo = "app"

[hosts.{host}]
guide = "raspberry-pi"
app = "photos"
sandbox = {{ suite = "{suite}" }}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, suite: str) -> Iterator[Project]:
    """A project with README's lines alone in its hosts.toml."""
    project = Project(tmp_path_factory.mktemp("photos"), HOST, suite)
    for path in project.app.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(APP, project.app, dirs_exist_ok=True)
    project.commit("my photos")
    project.write(DECLARED.format(host=HOST, suite=suite))
    yield project
    sandbox.down(HOST)


@pytest.fixture(scope="module")
def served(project: Project) -> Said:
    """What the second deploy said, after what the first one said to do was done."""
    first = project.on_host("deploy")
    assert first.code == 1, str(first)
    assert "unable to open database file" in first.err
    assert "its database is data.db, beside its code" in first.err
    typed = re.search(r"(?m)^  next  (shared = .*) in hosts.toml, then deploy again$", first.err)
    assert typed, str(first)
    text = project.hosts.read_text()
    project.write(text.replace('repo = "app"\n', f'repo = "app"\n{typed[1]}\n'))
    second = project.on_host("deploy")
    assert second.code == 0, str(second)
    return second


def address() -> str:
    return sandbox.host(HOST).address


def test_the_second_deploy_serves_at_the_url_that_it_prints(project: Project, served: Said) -> None:
    assert f"http://{address()}/" in served.out
    assert "<h1>My photos</h1>" in page(address())
    assert "nothing to do" in project.on_host("deploy").err


def photo() -> bytes:
    """Return a BMP of noise, larger than 10 MB."""
    pixels = os.urandom(SIDE * SIDE * 3)
    head = (54 + len(pixels)).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    sizes = b"".join(number.to_bytes(4, "little") for number in (40, SIDE, SIDE))
    return b"BM" + head + sizes + b"\1\0\x18\0" + bytes(24) + pixels


def test_a_photo_of_ten_megabytes_is_taken_and_shown(served: Said) -> None:
    data, line = photo(), "photos-of-a-test"
    assert len(data) > 10_000_000
    head = f'--{line}\r\nContent-Disposition: form-data; name="photo"; filename="a.bmp"\r\n\r\n'
    form = head.encode() + data + f"\r\n--{line}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={line}"}

    sent = ask(address(), "/upload", body=form, headers=kind)

    assert sent is not None
    assert sent.status == 302, sent.text
    assert f"a.bmp, {SIDE}x{SIDE}" in page(address())
    for path, size in (("a.bmp", len(data)), ("a.bmp.small.jpg", 1000)):
        shown = ask(address(), f"/static/uploads/{path}")
        assert shown is not None
        assert shown.status == 200
        assert len(shown.body) >= size


@pytest.mark.long
def test_a_page_may_take_45_seconds(served: Said) -> None:
    began = time.monotonic()
    assert page(address(), "/report?seconds=45", patience=60) == "done"
    assert time.monotonic() - began > 44


def test_the_sensor_page_shows_the_machine(served: Said) -> None:
    found = json.loads(page(address(), "/sensor"))
    total = Shell(sandbox.host(HOST))("awk '/^MemTotal/ { print $2 }' /proc/meminfo")
    assert found["memory"] == int(total) * 1024
    assert "lo" in found["network"]
    assert found["uptime"] > 0


def test_photos_outlive_a_deploy_and_a_rollback(project: Project, served: Said) -> None:
    project.change("templates/index.html", "<h1>My photos</h1>", "<h1>All my photos</h1>")
    assert project.on_host("deploy").code == 0
    assert "All my photos" in page(address())
    assert "a.bmp" in page(address())
    assert project.on_host("rollback").code == 0
    assert "a.bmp" in page(address())
