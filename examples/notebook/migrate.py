"""Brings the database to the schema that app.py needs; run again, it changes nothing."""

from __future__ import annotations

from app import cursor

TABLE = """
CREATE TABLE IF NOT EXISTS note (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    line VARCHAR(500) NOT NULL,
    written TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
)
"""

if __name__ == "__main__":
    with cursor() as rows:
        rows.execute(TABLE)
