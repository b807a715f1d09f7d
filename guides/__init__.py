"""The guides: tables of contents of the product. Importing this package makes them known."""

from . import raspberry_pi, ubuntu

__all__ = ["raspberry_pi", "ubuntu"]
