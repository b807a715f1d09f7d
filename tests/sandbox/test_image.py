"""The recipe of an image, and where its packages come from."""

from __future__ import annotations

import re
import shutil

import pytest

from flaskwright.errors import UsageError
from sandbox import hosts, image, layers, mirror
from sandbox.commands import quiet
from sandbox.state import Lab, write

pytestmark = pytest.mark.skipif(not shutil.which("apt-get"), reason="not a Debian machine")


def test_the_name_tells_suite_and_recipe(monkeypatch):
    name = image.current("bookworm")
    assert re.fullmatch(r"bookworm-[0-9a-f]{12}", name)
    assert image.current("bookworm") == name
    monkeypatch.setattr(image, "PACKAGES", (*image.PACKAGES, "tree"))
    assert image.current("bookworm") != name


@pytest.mark.parametrize("package", ["nginx", "git", "python3-venv", "gunicorn"])
def test_what_a_guide_installs_is_not_in_it(package):
    assert package not in image.PACKAGES


def test_certificates_are_told_apart(tmp_path):
    block = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
    bundle = tmp_path / "bundle.crt"
    bundle.write_text("# one\n" + block.format("AAAA") + "\n# two\n" + block.format("BBBB"))
    assert image.certificates(bundle) == [block.format("AAAA"), block.format("BBBB")]


def test_sources_are_lines_of_one_suite():
    for line in mirror.sources("bookworm"):
        assert re.fullmatch(r"deb \S+ bookworm(-updates|-security)? main", line)


def test_only_harmless_settings_of_apt_are_carried():
    for option in mirror.apt_options():
        assert option.startswith("Acquire::")
        assert "Dir::" not in option


def test_a_suite_or_layer_that_is_not_there_is_told_with_those_that_are(lab):
    with pytest.raises(UsageError) as caught:
        layers.stack(lab, "buster")
    assert "bookworm" in caught.value.why


def test_a_layer_of_an_older_recipe_is_not_current(lab):
    write(lab.layers / "old.json", '{"suite": "bookworm", "image": "bookworm-0", "below": []}')
    assert layers.stack(lab, "old") == ("bookworm", "bookworm-0", ("old",))
    assert not layers.is_current(lab, "old")
    assert not layers.is_current(lab, "none")


def test_a_layer_that_another_stands_on_stays(lab):
    write(lab.layers / "low.json", '{"suite": "bookworm", "image": "bookworm-0", "below": []}')
    write(lab.layers / "top.json", '{"suite": "bookworm", "image": "i", "below": ["low"]}')
    with pytest.raises(UsageError) as caught:
        layers.forget(lab, "low")
    assert "top" in caught.value.why
    layers.forget(lab, "top")
    layers.forget(lab, "low")
    assert not list(lab.layers.iterdir())


def test_images_that_are_lent_stay(lab):
    with lab.lending_images(), lab.lending_images():
        with pytest.raises(UsageError, match="are in use"):
            hosts.purge(lab, quiet)
        assert lab.images.exists()
    hosts.purge(lab, quiet)
    assert not lab.root.exists()


def test_an_older_image_goes_unless_hosts_of_another_place_may_stand_on_it(lab, tmp_path):
    older, borrower = lab.images / "bookworm-0", Lab(tmp_path / "borrower")
    older.mkdir()
    borrower.root.mkdir()
    (borrower.root / "images").symlink_to(lab.images)
    assert (borrower.owner, lab.owner) == (lab, lab)
    with lab.lending_images():
        image.drop_unused(borrower.owner, "bookworm", "bookworm-1")
        assert older.exists()
    image.drop_unused(lab, "bookworm", "bookworm-1")
    assert not older.exists()
