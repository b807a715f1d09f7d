"""A certificate that is good for nothing but to be one."""

import subprocess


def made(key: str = "/dev/null") -> str:
    """Return it in PEM; its private key goes into the file `key`."""
    options = ("-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", "/CN=test", "-days", "2")
    argv = ["openssl", "req", "-x509", *options]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout
