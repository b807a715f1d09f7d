"""Diffie-Hellman groups on the operator's machine."""

import subprocess
from decimal import Decimal, localcontext

import pytest

from flaskwright.errors import FlaskwrightError
from flaskwright.workstation import dh_group

SMALL = 512  # bits, made in a moment


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "flaskwright"


def prime(pem):
    argv = ["openssl", "asn1parse"]
    said = subprocess.run(argv, input=pem, capture_output=True, check=True).stdout.decode()
    return int(said.splitlines()[1].rpartition(":")[2], 16)


def test_the_well_known_group_is_that_of_rfc_7919():
    with localcontext() as context:
        context.prec = 700
        e, term = Decimal(0), Decimal(1)
        for n in range(1, 400):
            e, term = e + term, term / n
        middle = int(e * 2**1918) + 560316

    group = dh_group.group("ffdhe2048", print)

    assert prime(group) == 2**2048 - 2**1984 + middle * 2**64 - 1


def test_one_s_own_is_made_once_and_kept(cache):
    told = []

    first = dh_group.own(told.append, SMALL)
    second = dh_group.own(told.append, SMALL)

    assert first == second and prime(first).bit_length() == SMALL
    (line,) = told
    assert str(cache / "dhparam-512.pem") in line


def test_progress_is_told_while_it_takes_long(monkeypatch):
    monkeypatch.setattr(dh_group, "PAUSE", 0.01)
    told = []

    dh_group.own(told.append, 768)

    assert len(told) > 1


def test_a_group_that_could_not_be_made_leaves_nothing(cache, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(FlaskwrightError, match="no Diffie-Hellman group"):
        dh_group.own(lambda text: None, SMALL)
    assert list(cache.iterdir()) == []
