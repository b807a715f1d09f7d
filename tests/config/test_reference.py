"""The schema and the reference say what the checks do."""

import json
import re
import tomllib
from typing import Any

import pytest

from flaskwright.config import hosts_toml
from flaskwright.config.keys import AppTable, HostTable, Top
from flaskwright.config.reference import pages, reference, schema
from flaskwright.config.table import declared

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}


def faults(value: Any, rules: dict[str, Any], path: str = "") -> list[str]:
    """Check a value by the words of JSON Schema that ours uses; a word that is new here fails."""
    unknown = rules.keys() - WORDS.keys() - {"$schema", "title", "description", "default"}
    assert not unknown
    found = [f"{path}: {word}" for word in rules.keys() & WORDS if not WORDS[word](value, rules)]
    for name, item in value.items() if isinstance(value, dict) else ():
        below = rules.get("properties", {}).get(name, rules.get("additionalProperties"))
        found += faults(item, below, f"{path}.{name}") if isinstance(below, dict) else []
    for item in value if isinstance(value, list) else ():
        found += faults(item, rules["items"], f"{path}[]")
    return found


WORDS = {
    "anyOf": lambda value, rules: any(not faults(value, each) for each in rules["anyOf"]),
    "type": lambda value, rules: type(value) is TYPES[rules["type"]],
    "enum": lambda value, rules: value in rules["enum"],
    "pattern": lambda value, rules: re.search(rules["pattern"], str(value)),
    "minimum": lambda value, rules: value >= rules["minimum"],
    "maximum": lambda value, rules: value <= rules["maximum"],
    "required": lambda value, rules: set(rules["required"]) <= set(value),
    "uniqueItems": lambda value, rules: len(set(value)) == len(value),
    "items": lambda value, rules: True,
    "properties": lambda value, rules: True,
    "propertyNames": lambda value, rules: not any(faults(n, rules["propertyNames"]) for n in value),
    "additionalProperties": lambda value, rules: (
        rules["additionalProperties"] is not False or set(value) <= set(rules["properties"])
    ),
}


@pytest.mark.parametrize(
    "text", [(hosts_toml.PROJECT / "hosts.toml").read_text(), hosts_toml.EXAMPLE]
)
def test_the_examples_fit_the_schema(text):
    assert faults(tomllib.loads(text), schema()) == []


def test_the_example_of_the_page_fits_the_schema_and_the_checks(tmp_path):
    page = (hosts_toml.PROJECT / "docs/hosts-toml.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "hosts.toml").write_text(example)

    assert faults(tomllib.loads(example), schema()) == []
    hosts_toml.read(tmp_path / "hosts.toml")


def test_the_commented_lines_of_hosts_toml_are_good_too(tmp_path):
    lines = (hosts_toml.PROJECT / "hosts.toml").read_text().splitlines()
    commented = [line.removeprefix("# ") for line in lines if re.match(r"# (\[|\w+ = )", line)]
    host = '[hosts.attic]\nguide = "ubuntu"\naddress = "192.0.2.9"\napp = "blog"\n'
    (tmp_path / "hosts.toml").write_text("\n".join([*commented, host]))

    found = hosts_toml.read(tmp_path / "hosts.toml")

    assert set(found.hosts) == {"pi", "attic"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"default": 1}, ".default: type"),
        ({"apps": {"Blog": {"repo": "."}}}, ".apps: propertyNames"),
        ({"apps": {"blog": {}}}, ".apps.blog: required"),
        ({"apps": {"blog": {"repo": ".", "worker": 1}}}, ".apps.blog: additionalProperties"),
        ({"apps": {"blog": {"repo": ".", "workers": 0}}}, ".apps.blog.workers: minimum"),
        ({"hosts": {"pi": {"guide": "p", "app": "blog"}}}, ".hosts.pi.guide: enum"),
    ],
)
def test_the_schema_refuses(change, fault):
    assert fault in faults({**tomllib.loads(hosts_toml.EXAMPLE), **change}, schema())


def test_the_pages_are_up_to_date():
    stale = [p for p, text in pages(hosts_toml.PROJECT).items() if p.read_text() != text]

    assert not stale, "run python -m flaskwright.config"


def test_every_key_has_a_row_and_a_sentence():
    for cls in (Top, AppTable, HostTable):
        for item in declared(cls):
            assert f"| `{item.name}` |" in reference()
            assert re.fullmatch(r"[A-Z].*[^.]\.", item.sentence)


def test_the_schema_is_plain_json():
    assert json.loads(json.dumps(schema())) == schema()
