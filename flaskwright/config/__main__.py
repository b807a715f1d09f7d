"""`python -m flaskwright.config`: write the schema and the reference from the declaration."""

from .hosts_toml import PROJECT
from .reference import pages

for path, text in pages(PROJECT).items():
    path.write_text(text)
