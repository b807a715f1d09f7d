"""Which Debian packages have what a build, or a library, misses on this host."""

from __future__ import annotations

import re

COMPILER = "gcc python3-dev"
# What is missing: a program, a header, a library or its name in pkg-config -> the packages with it.
PACKAGES = (
    (r"libmariadb\.so.*|libmysqlclient\.so.*", "libmariadb3"),
    (r"libpq\.so.*", "libpq5"),
    (r"libodbc\.so.*", "unixodbc"),
    (r"libcairo\.so.*|libcairo-2|libcairo", "libcairo2"),
    (r"libgobject-2\.0.*|libpango.*", "libpango-1.0-0 libpangoft2-1.0-0"),
    (r"libGL\.so.*", "libgl1 libglib2.0-0"),
    (r"libglib-2\.0\.so.*|libgthread-2\.0\.so.*", "libglib2.0-0"),
    (r"libgomp\.so.*", "libgomp1"),
    (r"libopenblas.*|lib(cblas|f77blas|atlas|blas|lapack)\.so.*", "libopenblas0"),
    (r"libopenjp2\.so.*", "libopenjp2-7"),
    (r"libxslt\.so.*", "libxslt1.1"),
    (r"libxml2\.so.*", "libxml2"),
    (r"libmagic.*", "libmagic1"),
    (r"(lib)?zbar.*", "libzbar0"),
    (r"libportaudio.*", "libportaudio2"),
    (r"pg_config|libpq(-fe\.h)?|-lpq", "libpq-dev " + COMPILER),
    (
        r"m(ysql|ariadb)_config|mysql(/mysql)?\.h|mysqlclient|(lib)?mariadb|-lmysqlclient",
        "default-libmysqlclient-dev pkg-config " + COMPILER,
    ),
    (r"([\w-]+-)?g\+\+(-\d+)?|c\+\+|cc1plus", "g++ " + COMPILER),
    (r"([\w-]+-)?gcc(-\d+)?|cc|clang|cc1|as|ld", COMPILER),
    (r"Python\.h|pyconfig\.h", COMPILER),
    (r"ffi\.h|libffi|-lffi", "libffi-dev " + COMPILER),
    (r"jpeg|jpeglib\.h|libjpeg", "libjpeg-dev zlib1g-dev " + COMPILER),
    (r"zlib(\.h)?|-lz", "zlib1g-dev"),
    (r"lib(xml|xslt)/.*|x(ml2|slt)-config|lib(xml2|xslt)", "libxml2-dev libxslt1-dev " + COMPILER),
    (r"lber\.h|ldap\.h|sasl(/sasl)?\.h|-lldap.*|-lsasl2", "libldap2-dev libsasl2-dev " + COMPILER),
    (r"curl-config|curl/curl\.h|libcurl", "libcurl4-openssl-dev libssl-dev " + COMPILER),
    (r"openssl(/.*)?|libssl|-lssl|-lcrypto", "libssl-dev pkg-config"),
    (r"sql(ext)?\.h|-lodbc", "unixodbc-dev g++ python3-dev"),
    (r"cairo.*", "libcairo2-dev pkg-config " + COMPILER),
    (r"gobject-introspection.*", "libgirepository1.0-dev libcairo2-dev pkg-config " + COMPILER),
    (r"dbus-1|dbus/dbus\.h|dbus-glib-1", "libdbus-1-dev libglib2.0-dev pkg-config " + COMPILER),
    (r"portaudio\.h", "portaudio19-dev " + COMPILER),
    (r"alsa/asoundlib\.h", "libasound2-dev " + COMPILER),
    (r"gpiod\.h", "libgpiod-dev " + COMPILER),
    (r"(lib)?usb(-1\.0)?(\.h)?|libusb.*", "libusb-1.0-0-dev " + COMPILER),
    (r"bluetooth/.*", "libbluetooth-dev " + COMPILER),
    (r"krb5-config|gssapi/.*", "libkrb5-dev " + COMPILER),
    (r"(gmp|mpfr|mpc)\.h", "libgmp-dev libmpfr-dev libmpc-dev " + COMPILER),
    (r"xmlsec1.*", "libxmlsec1-dev pkg-config " + COMPILER),
    (r"geos_c\.h|geos-config", "libgeos-dev " + COMPILER),
    (r"sodium\.h", "libsodium-dev " + COMPILER),
    (r"magic\.h", "libmagic-dev " + COMPILER),
    (r"bzlib\.h", "libbz2-dev"),
    (r"lzma\.h", "liblzma-dev"),
    (r"sqlite3\.h", "libsqlite3-dev"),
    (r"rustc|cargo|Rust", "rustc cargo " + COMPILER),
    (r"(pkg-config|git|make|cmake|swig|gfortran|patchelf)", r"\1"),
    (r"(sys|linux|bits|asm)/.*\.h|(std\w+|string|limits|errno|crypt)\.h", "libc6-dev " + COMPILER),
)
# What a build of these needs, whichever of it is missed first.
NEEDED = {
    "cffi": "libffi-dev " + COMPILER,
    "dbus-python": "libdbus-1-dev libglib2.0-dev pkg-config " + COMPILER,
    "lxml": "libxml2-dev libxslt1-dev " + COMPILER,
    "mysqlclient": "default-libmysqlclient-dev pkg-config " + COMPILER,
    "pillow": "libjpeg-dev zlib1g-dev " + COMPILER,
    "psycopg2": "libpq-dev " + COMPILER,
    "pyaudio": "portaudio19-dev " + COMPILER,
    "pycairo": "libcairo2-dev pkg-config " + COMPILER,
    "pycurl": "libcurl4-openssl-dev libssl-dev " + COMPILER,
    "pyodbc": "unixodbc-dev g++ " + COMPILER,
    "python-ldap": "libldap2-dev libsasl2-dev " + COMPILER,
    "xmlsec": "libxmlsec1-dev pkg-config " + COMPILER,
}
APT = "on the host: sudo apt-get install %s"


def packages_with(missing: str) -> str:
    """Give the packages that have it, as apt-get takes them; empty where no one is known."""
    for pattern, packages in PACKAGES:
        found = re.match("(?:%s)$" % pattern, missing)
        if found:
            return found.expand(packages)
    return ""
