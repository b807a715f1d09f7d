"""The gunicorn for a lock with hashes that brings none: what is added to it is pinned as well.

Hashes are those of the wheels on PyPI. The older gunicorn is the last one for Python before 3.10.
"""

from __future__ import annotations

# By the package that each adds, where the lock has none; in pip's requirements file format.
PINS = {
    "gunicorn": (
        'gunicorn==27.0.1 ; python_version >= "3.10" '
        "--hash=sha256:378b26b9a38adcf4592f28828233c1716acc55e833ea06bf48719782efaa0d10\n"
        'gunicorn==23.0.0 ; python_version < "3.10" '
        "--hash=sha256:ec400d38950de4dfd418cff8328b2c8faed0edb0d517d3394e457c317908ca4d\n"
    ),
    "packaging": (
        'packaging==24.0 ; python_version < "3.10" '
        "--hash=sha256:2ddfb553fdf02fb784c234c7ba6ccc288296ceabec964ad2eae3777778130bc5\n"
    ),
}
