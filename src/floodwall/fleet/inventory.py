"""Whom to visit: an inventory in one of four forms, and what is chosen of it."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from floodwall.core.errors import ConfigError
from floodwall.fleet.groups import Inventory
from floodwall.fleet.host import Host, parse_host
from floodwall.fleet.inventory_ini import parse_ini
from floodwall.fleet.inventory_yaml import parse_yaml
from floodwall.fleet.ssh_config import configured_names

LARGEST_BYTES = 4 << 20
_SSH_CONFIG = re.compile(r"\s*(?:Host|Match|Include)[ \t=]", re.IGNORECASE)
_YAML = re.compile(r"---|[\w.\"'-]+:(?:\s.*)?")
_WILD = frozenset("*?")


def read_inventory(path: Path, home: Path) -> Inventory:
    """Read a file, whichever form it has."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {(error.strerror or 'failed').lower()}") from error
    if len(raw) > LARGEST_BYTES:
        raise ConfigError(f"{path} is too large for an inventory", hint="at most 4 MiB are read")
    if raw.startswith(b"#!"):
        raise ConfigError(
            f"{path} is a program, and is not run",
            hint=f"{path} --list, or ansible-inventory -i {path} --list --yaml > hosts.yml",
        )
    text = raw.decode(errors="replace").removeprefix("\ufeff").replace("\r\n", "\n")
    first = next((line for line in text.split("\n") if line.strip(" #;\t")[:1] and _says(line)), "")
    if _SSH_CONFIG.match(first) or path.name == "ssh_config":
        return Inventory(tuple(map(parse_host, configured_names(path, home))))
    if path.suffix in {".yml", ".yaml"} or _YAML.fullmatch(first.rstrip()):
        return parse_yaml(text, path.name)
    return parse_ini(text, path.name)


def choose(inventory: Inventory, wanted: Sequence[str]) -> tuple[Host, ...]:
    """Return the hosts that names, groups or patterns stand for; all if there are none."""
    if not wanted:
        return inventory.hosts
    chosen: set[str] = set()
    for word in wanted:
        names = {host.name for host in inventory.hosts if fnmatchcase(host.name, _plain(word))}
        names |= inventory.groups.get(word, frozenset())
        if not names:
            raise ConfigError(f"the inventory has no host, group or pattern {word[:80]!r}")
        chosen |= names
    return tuple(host for host in inventory.hosts if host.name in chosen)


def named(words: Iterable[str], config: Path, home: Path) -> tuple[Host, ...]:
    """Return the hosts that were named; a pattern stands for names of ssh's configuration."""
    found: dict[str, Host] = {}
    for word in words:
        if not _WILD & set(word):
            found.setdefault(word, parse_host(word))
            continue
        known = configured_names(config, home)
        matching = [name for name in known if fnmatchcase(name, _plain(word))]
        if not matching:
            raise ConfigError(f"none of the {len(known)} hosts in {config} is like {word[:80]!r}")
        for name in matching:
            found.setdefault(name, parse_host(name))
    return tuple(found.values())


def _plain(pattern: str) -> str:
    """Leave * and ? their meaning only; brackets are part of addresses."""
    return pattern.replace("[", "[[]")


def _says(line: str) -> bool:
    return line.strip()[0] not in "#;"
