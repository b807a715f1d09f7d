"""What is taken out of a file that should hold certificates: these, and nothing else of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flaskwright.errors import UsageError
from flaskwright.workstation import certificate_files
from tests import certificate
from tests.hosts_file import host_in

KEY = "hosts.pi.acme.ca"
ACME = 'domain = "blog.example.org"\nacme = {{ server = "https://ca.example.org/dir", ca = "{}" }}'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate and its key, in PEM."""
    key = tmp_path_factory.mktemp("made") / "key"
    return certificate.made(str(key)), key.read_text()


def test_certificates_are_written_anew_and_the_rest_stays_here(tmp_path, made):
    one, key = made
    path = tmp_path / "ca.pem"
    path.write_text(f"password: hunter2\n{key}\n{one}# my note\n{one}\n{key}")

    assert certificate_files.in_file(path, KEY) == one * 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hunter2",
        b"\xff\xfe\x00",
        b"-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\naHVudGVyMg==\n-----END OPENSSH PRIVATE KEY-----\n",
    ],
)
def test_a_file_without_one_is_refused_without_a_word_of_it(tmp_path, content):
    path = tmp_path / "ca.pem"
    path.write_bytes(content)

    with pytest.raises(UsageError, match="holds no certificate") as caught:
        certificate_files.in_file(path, KEY)
    assert "hunter2" not in f"{caught.value.what}{caught.value.why}"


def test_a_key_alone_is_refused(tmp_path, made):
    (tmp_path / "ca.pem").write_text(made[1])

    with pytest.raises(UsageError, match="holds no certificate"):
        certificate_files.in_file(tmp_path / "ca.pem", KEY)


def test_a_damaged_certificate_is_refused(tmp_path, made):
    (tmp_path / "ca.pem").write_text(made[0].replace("MII", "AAA"))

    with pytest.raises(UsageError, match="holds no certificate"):
        certificate_files.in_file(tmp_path / "ca.pem", KEY)


def test_what_is_no_ordinary_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(UsageError, match=r"ordinary file|cannot read"):
            certificate_files.in_file(path, KEY)
    with pytest.raises(UsageError, match="cannot read"):
        certificate_files.in_file(tmp_path / "none", KEY)


def test_the_file_is_the_one_beside_hosts_toml(tmp_path, made):
    host = host_in(tmp_path, host=ACME.format("ca.pem"))
    (tmp_path / "ca.pem").write_text(made[0])

    assert certificate_files.of_authority(host) == made[0]
    assert certificate_files.of_authority(host_in(tmp_path)) == ""
