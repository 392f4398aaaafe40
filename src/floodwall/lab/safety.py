"""What keeps a flood inside the lab: checked by the sending process itself, in its own namespace.

Law: every check is about where the process really is, never about what it was told.
"""

import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from floodwall.core.errors import ConfigError
from floodwall.lab.addresses import is_in_lab
from floodwall.lab.flood import Aim

_MARK = "floodwall-lab/"
_HINT = "floods are sent by `floodwall lab run` only, inside the namespaces that it makes"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a process is: namespaces by inode, links around it, neighbours that it knows."""

    own_namespace: int
    parents_namespace: int
    links: dict[str, tuple[str, str]]  # name -> (alias, MAC)
    neighbours: frozenset[tuple[str, str]]  # (address, MAC)


def alias_of(token: str) -> str:
    """Return the alias that marks an interface as the lab's."""
    return f"{_MARK}{token}"


def look_around() -> Surroundings:
    """Observe the network namespace that this process is in."""
    links = {
        str(link["ifname"]): (str(link.get("ifalias", "")), str(link.get("address", "")))
        for link in _ip("link", "show")
    }
    neighbours = frozenset(
        (str(entry["dst"]), str(entry["lladdr"]))
        for entry in _ip("neighbour", "show", "nud", "permanent")
        if "lladdr" in entry
    )
    own, outer = (Path(f"/proc/{who}/ns/net").stat().st_ino for who in ("self", os.getppid()))
    return Surroundings(own, outer, links, neighbours)


def refuse_unless_lab(around: Surroundings, aim: Aim) -> None:
    """Raise ConfigError unless everything that could be reached is the lab's."""
    for problem in (*_escapes(around, (aim.address,)), *_problems(around, aim)):
        raise ConfigError(f"refusing to send: {problem}", hint=_HINT)


def refuse_unless_inside(around: Surroundings, addresses: Iterable[str]) -> None:
    """Raise ConfigError unless all interfaces around and all these addresses are the lab's."""
    for problem in _escapes(around, addresses):
        raise ConfigError(f"refusing to connect: {problem}", hint=_HINT)


def _escapes(around: Surroundings, addresses: Iterable[str]) -> Iterable[str]:
    if around.own_namespace == around.parents_namespace:
        yield "this is the network namespace that the lab was started in"
    for name, (alias, _) in around.links.items():
        if name != "lo" and not alias.startswith(_MARK):
            yield f"interface {name} is not the lab's"
    for address in addresses:
        if not is_in_lab(ip_address(address)):
            yield f"{address} is no address of the lab"


def _problems(around: Surroundings, aim: Aim) -> Iterable[str]:
    if aim.interface not in around.links:
        yield f"interface {aim.interface} is not here"
    elif around.links[aim.interface][1] != aim.source_mac:
        yield f"{aim.source_mac} is not the address of {aim.interface}"
    if (aim.address, aim.mac) not in around.neighbours:
        yield f"{aim.address} at {aim.mac} is no neighbour of the lab's router"


def _ip(*arguments: str) -> list[dict[str, object]]:
    done = subprocess.run(["ip", "-json", *arguments], capture_output=True, text=True, check=True)
    found: list[dict[str, object]] = json.loads(done.stdout or "[]")
    return found
