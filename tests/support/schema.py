"""Checks a JSON document against a JSON Schema: the words of draft 2020-12 that ours uses.

Stricter than the standard on purpose: a member that the schema does not describe is a fault.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

JsonSchema = Mapping[str, Any]
_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "null": lambda value: value is None,
}
_SILENT = {"description", "title", "$schema", "$defs", "additionalProperties"}


def faults(value: Any, schema: JsonSchema, root: JsonSchema, at: str = "$") -> Iterator[str]:
    """Yield where a value does not fit its schema."""
    for word, told in schema.items():
        if word in _SILENT:
            continue
        if word == "$ref":
            below = root["$defs"][told.removeprefix("#/$defs/")]
            yield from faults(value, below, root, at)
        elif word == "type":
            names = [told] if isinstance(told, str) else told
            if not any(_TYPES[name](value) for name in names):
                yield f"{at} is no {' or '.join(names)}: {json.dumps(value)[:60]}"
        elif word in ("properties", "required"):
            yield from _members(word, value, schema, root, at)
        elif word == "items":
            for index, item in enumerate(value if isinstance(value, list) else ()):
                yield from faults(item, told, root, f"{at}[{index}]")
        elif not _RULES[word](value, told):
            yield f"{at} is against {word} {told}: {json.dumps(value)[:60]}"


def _members(word: str, value: Any, schema: JsonSchema, root: JsonSchema, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    if word == "required":
        yield from (f"{at} has no {name}" for name in schema[word] if name not in value)
        return
    for name, item in value.items():
        below = schema["properties"].get(name, schema.get("additionalProperties"))
        if below is None:
            yield f"{at}.{name} is not described"
        else:
            yield from faults(item, below, root, f"{at}.{name}")


def _number(value: Any) -> bool:
    return _TYPES["number"](value)


_RULES: dict[str, Callable[[Any, Any], bool]] = {
    "const": lambda value, told: bool(value == told),
    "enum": lambda value, told: value in told,
    "minimum": lambda value, told: not _number(value) or value >= told,
    "maximum": lambda value, told: not _number(value) or value <= told,
    "minItems": lambda value, told: not isinstance(value, list) or len(value) >= told,
    "maxItems": lambda value, told: not isinstance(value, list) or len(value) <= told,
    "pattern": lambda value, told: not isinstance(value, str) or bool(re.search(told, value)),
}
