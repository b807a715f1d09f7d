"""Wheels made by hand, so that pip has something to install without a network."""

from __future__ import annotations

import io
import zipfile


def wheel(name: str, version: str = "1.0", files: dict[str, str] | None = None) -> bytes:
    """Return a wheel of a package `name`: its file is NAME-VERSION-py3-none-any.whl."""
    info = f"{name}-{version}.dist-info"
    content = {
        **(files or {f"{name}/__init__.py": ""}),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},," for path in (*content, f"{info}/RECORD")]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in content.items():
            archive.writestr(path, text)
        archive.writestr(f"{info}/RECORD", "\n".join(record) + "\n")
    return packed.getvalue()


def offline(*packages: str) -> dict[str, str | bytes]:
    """Return the files of a repository whose requirements are `packages`, all beside the app."""
    lines = ["--no-index", "--find-links wheels", *packages]
    return {
        "app.py": "app = print\n",
        "requirements.txt": "\n".join(lines) + "\n",
        "wheels/gunicorn-21.0-py3-none-any.whl": wheel("gunicorn", "21.0"),
        "wheels/greeting-1.0-py3-none-any.whl": wheel("greeting"),
    }
