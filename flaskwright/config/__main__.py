"""`python -m flaskwright.config`: write the schema and the reference from the declaration."""

from . import PROJECT
from .pages import pages

for path, text in pages(PROJECT).items():
    path.write_text(text)
