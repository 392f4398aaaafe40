"""Inventories of Ansible in INI form, and plain lists: one host a line."""

import re
import shlex

from floodwall.core.errors import ConfigError
from floodwall.fleet.groups import Groups, Inventory

_SECTION = re.compile(r"\[([\w.-]{1,200})(?::(\w{1,20}))?\]\s*(?:[#;].*)?")
_UNGROUPED = "ungrouped"


def parse_ini(text: str, name: str) -> Inventory:
    """Read an inventory; `name` is how errors call it."""
    groups = Groups()
    group, kind = _UNGROUPED, "hosts"
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if section := _SECTION.fullmatch(line):
            group, kind = section[1], section[2] or "hosts"
            if kind not in {"hosts", "children", "vars"}:
                raise ConfigError(f"{name}:{number}: there is no such section as :{kind}")
            groups.add_group(group)
            continue
        try:
            _take(groups, group, kind, line)
        except ValueError as error:
            raise ConfigError(f"{name}:{number}: {error}") from error
        except ConfigError as error:
            raise ConfigError(f"{name}:{number}: {error.message}", hint=error.hint) from error
    return groups.inventory()


def _take(groups: Groups, group: str, kind: str, line: str) -> None:
    if kind == "vars":
        key, _, value = line.partition("=")
        groups.add_variables(group, {key.strip(): " ".join(shlex.split(value, comments=True))})
        return
    words = shlex.split(line, comments=True)
    if kind == "children":
        groups.add_group(words[0], parent=group)
    else:
        pairs = (word.partition("=") for word in words[1:])
        groups.add_hosts(words[0], group, {key: value for key, _, value in pairs})
