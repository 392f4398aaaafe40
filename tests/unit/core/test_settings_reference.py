"""The printed reference."""

import json
import tomllib

from floodwall.core.settings import Settings
from floodwall.core.settings_file import parse_settings
from floodwall.core.settings_reference import as_json, as_text, as_toml, reference


def test_every_setting_is_in_each_form() -> None:
    """Text, JSON and TOML come from the same declarations."""
    keys = [entry.key for entry in reference()]

    assert all(f"{key} = " in as_text() for key in keys)
    assert keys == [f"{e['section']}.{e['name']}" for e in json.loads(as_json())]
    assert all(f"\n#{entry.name} = " in as_toml() for entry in reference())


def test_toml_form_is_a_valid_file_of_defaults() -> None:
    """Also with every default uncommented."""
    lines = as_toml().splitlines()
    bare = "\n".join(line[1:] if line.startswith("#") and " = " in line else line for line in lines)
    values = "\n".join(line for line in bare.splitlines() if not line.startswith((" ", "#")))

    assert parse_settings(as_toml(), "reference.toml") == Settings()
    assert tomllib.loads(values)
    assert parse_settings(values, "reference.toml") == Settings()
