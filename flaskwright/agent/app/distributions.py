"""What to require for a module that cannot be imported: packages have other names than modules."""

from __future__ import annotations

DISTRIBUTIONS = {
    "bs4": "beautifulsoup4",
    "crypto": "pycryptodome",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "decouple": "python-decouple",
    "distutils": "setuptools",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "environ": "django-environ",
    "fitz": "PyMuPDF",
    "flask_jwt_extended": "Flask-JWT-Extended",
    "geventwebsocket": "gevent-websocket",
    "git": "GitPython",
    "google": "google-api-python-client",
    "googleapiclient": "google-api-python-client",
    "gpiozero": "gpiozero lgpio",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "mysqldb": "mysqlclient",
    "openssl": "pyOpenSSL",
    "pil": "Pillow",
    "pkg_resources": "setuptools<81",
    "psycopg2": "psycopg2-binary",
    "rpi": "RPi.GPIO",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "socketio": "python-socketio",
    "telegram": "python-telegram-bot",
    "usb": "pyusb",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}
# What newer versions have no more -> what to require for code that uses it.
REMOVED = {
    "BaseResponse": "werkzeug<2.1",
    "FileStorage": "werkzeug<1",
    "JSONEncoder": "flask<2.3",
    "Markup": "flask<3",
    "MigrateCommand": "flask-migrate<3",
    "TimedJSONWebSignatureSerializer": "itsdangerous<2.1",
    "_app_ctx_stack": "flask<2.3",
    "_request_ctx_stack": "flask<2.3",
    "before_first_request": "flask<2.3",
    "cached_property": "werkzeug<1",
    "contextfilter": "jinja2<3.1",
    "environmentfilter": "jinja2<3.1",
    "escape": "flask<3",
    "evalcontextfilter": "jinja2<3.1",
    "safe_str_cmp": "werkzeug<2.1",
    "secure_filename": "werkzeug<1",
    "soft_unicode": "markupsafe<2.1",
    "url_decode": "werkzeug<3",
    "url_encode": "werkzeug<3",
    "url_quote": "werkzeug<3",
}
# Modules that Python itself had: the version that has them no more.
GONE = {
    "3.12": ("asynchat", "asyncore", "distutils", "imp", "smtpd"),
    "3.13": (
        *("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "lib2to3", "mailcap"),
        *("msilib", "nis", "nntplib", "ossaudiodev", "pipes", "sndhdr", "spwd", "sunau"),
        *("telnetlib", "uu", "xdrlib"),
    ),
}


def distribution_of(module: str) -> str:
    """Give the name to require for a module."""
    top = module.split(".", maxsplit=1)[0]
    known = DISTRIBUTIONS.get(top.lower())
    return known or (top.replace("_", "-") if top.startswith("flask_") else top)


def gone_from_python(module: str) -> str:
    """Give the version of Python that has no such module any more; empty for all others."""
    top = module.split(".", maxsplit=1)[0]
    return next((version for version, modules in GONE.items() if top in modules), "")
