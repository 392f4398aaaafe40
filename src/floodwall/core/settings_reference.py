"""The reference of all settings, made from their declarations."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, get_args

from pydantic.fields import FieldInfo
from pydantic.networks import IPvAnyAddress

from floodwall.core.settings import sections


@dataclass(frozen=True, slots=True)
class Entry:
    """What the reference says about one setting."""

    section: str
    name: str
    type: str
    unit: str
    default: Any
    range: str
    help: str
    precedent: str

    @property
    def key(self) -> str:
        """Return the name with its table."""
        return f"{self.section}.{self.name}"


def reference() -> tuple[Entry, ...]:
    """List every setting in the order of its declaration."""
    return tuple(
        _entry(section, name, info)
        for section, kind in sections()
        for name, info in kind.model_fields.items()
    )


def as_text() -> str:
    """Write the reference for a reader at a terminal."""
    blocks = []
    for entry in reference():
        values = " ".join(part for part in (entry.type, entry.range, entry.unit) if part)
        blocks.append(
            f"{entry.key} = {_toml(entry.default)}\n"
            f"    {entry.help}\n"
            f"    takes: {values}\n"
            f"    default from: {entry.precedent}"
        )
    return "\n\n".join(blocks) + "\n"


def as_json() -> str:
    """Write the reference for a program."""
    return json.dumps([asdict(entry) for entry in reference()], indent=2) + "\n"


def as_toml() -> str:
    """Write a settings file that holds every default, commented out."""
    lines = ["# Settings of Floodwall.  Every line that begins with '#' shows a default."]
    section = ""
    for entry in reference():
        if entry.section != section:
            section = entry.section
            lines += ["", f"[{section}]"]
        values = " ".join(part for part in (entry.range, entry.unit) if part)
        lines.append(f"# {entry.help}" + (f"  ({values})" if values else ""))
        lines.append(f"#{entry.name} = {_toml(entry.default)}")
    return "\n".join(lines) + "\n"


def _entry(section: str, name: str, info: FieldInfo) -> Entry:
    extra = info.json_schema_extra
    said: dict[str, Any] = dict(extra) if isinstance(extra, dict) else {}
    default = info.get_default()
    return Entry(
        section=section,
        name=name,
        type=_type_name(info.annotation),
        unit=said.get("unit", ""),
        default=list(default) if isinstance(default, tuple) else default,
        range=_range(info),
        help=info.description or "",
        precedent=said.get("precedent", ""),
    )


def _type_name(annotation: Any) -> str:
    if arguments := get_args(annotation):
        lists = {int: "list of ports", str: "list of names", IPvAnyAddress: "list of addresses"}
        return lists.get(arguments[0], "list of networks")
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return "one of " + ", ".join(f'"{choice}"' for choice in annotation)
    names = {bool: "true or false", int: "whole number", float: "number", str: "text"}
    return names[annotation]


def _range(info: FieldInfo) -> str:
    low = next((m.ge for m in info.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in info.metadata if hasattr(m, "le")), None)
    return f"{low} to {high}" if low is not None else ""


def _toml(value: Any) -> str:
    return json.dumps(value)
