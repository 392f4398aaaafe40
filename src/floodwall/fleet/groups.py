"""Hosts, groups and their variables, as inventories of Ansible have them.

Law: whoever wrote an inventory may be anybody: it is bounded, and nothing of it is run.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from floodwall.core.errors import ConfigError
from floodwall.fleet.host import Host, is_address, is_user, parse_host, parse_port
from floodwall.forensics.words import printable

MOST_HOSTS = 10_000
MOST_GROUPS = 1_000
DEEPEST = 32
"""Groups within groups."""

ALL = "all"
_RANGE = re.compile(r"\[(\w{1,9}):(\w{1,9})(?::(\d{1,9}))?\]")
_USED = {
    "ansible_host": "address",
    "ansible_ssh_host": "address",
    "ansible_port": "port",
    "ansible_ssh_port": "port",
    "ansible_user": "user",
    "ansible_ssh_user": "user",
    "ansible_connection": "connection",
    "ansible_private_key_file": "key",
    "ansible_ssh_private_key_file": "key",
}
_UNUSED = {
    "ansible_ssh_common_args": "it could run programs here; put ProxyJump into ~/.ssh/config",
    "ansible_ssh_extra_args": "it could run programs here; put it into ~/.ssh/config",
    "ansible_ssh_executable": "it is a program",
    "ansible_password": "no password is ever used; ssh needs a key",
    "ansible_ssh_pass": "no password is ever used; ssh needs a key",
    "ansible_ssh_password": "no password is ever used; ssh needs a key",
    "ansible_become_password": "no password is ever used; see --sudo",
    "ansible_become_pass": "no password is ever used; see --sudo",
    "ansible_sudo_pass": "no password is ever used; see --sudo",
}
_OVER_SSH = {"ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh"}


@dataclass(frozen=True, slots=True)
class Inventory:
    """Whom an inventory names, in its order."""

    hosts: tuple[Host, ...]
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Names of hosts by group, those of its children included."""
    notes: tuple[str, ...] = ()
    """What was in it and is not used, and why."""


class Groups:
    """What an inventory said so far."""

    def __init__(self) -> None:
        self._hosts: dict[str, dict[str, str]] = {}
        self._members: dict[str, set[str]] = {ALL: set()}
        self._children: dict[str, set[str]] = {}
        self._variables: dict[str, dict[str, str]] = {}
        self._notes: dict[str, None] = {}

    def add_hosts(self, pattern: str, group: str, variables: Mapping[str, str]) -> None:
        """Take one host, or the range of hosts that `web[01:20]` is."""
        self.add_group(group)
        for name in expand(pattern):
            self._hosts.setdefault(name, {}).update(self._filtered(variables))
            self._members[group].add(name)
            if len(self._hosts) > MOST_HOSTS:
                raise ConfigError(f"the inventory names more than {MOST_HOSTS:,} hosts")

    def add_group(self, group: str, parent: str = ALL) -> None:
        """Take a group, below another one."""
        self._members.setdefault(group, set())
        if group != parent:
            self._children.setdefault(parent, set()).add(group)
        self._members.setdefault(parent, set())
        if len(self._members) > MOST_GROUPS:
            raise ConfigError(f"the inventory has more than {MOST_GROUPS:,} groups")

    def add_variables(self, group: str, variables: Mapping[str, str]) -> None:
        """Take what holds for all hosts of a group, unless a host or a child says otherwise."""
        self.add_group(group)
        self._variables.setdefault(group, {}).update(self._filtered(variables))

    def inventory(self) -> Inventory:
        """Return all hosts, each with what its groups say of it."""
        levels = self._levels()
        inside = self._inside(levels)
        # Ansible: of two groups the deeper one counts, and then the later in the alphabet.
        order = sorted(self._variables, key=lambda group: (levels[group], group))
        hosts = []
        for name, own in self._hosts.items():
            merged: dict[str, str] = {}
            for group in order:
                if name in inside[group]:
                    merged |= self._variables[group]
            hosts.append(_host(name, merged | own))
        if len({host.name for host in hosts}) < len(hosts):
            raise ConfigError("two hosts of the inventory look the same when they are printed")
        groups = {group: frozenset(names) for group, names in inside.items()}
        return Inventory(tuple(hosts), groups, tuple(self._notes))

    def _filtered(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Return what is used, by what it means; note what is not."""
        found = {}
        for name, value in variables.items():
            if name in _USED:
                found[_USED[name]] = value
            elif name in _UNUSED:
                self._notes[f"{name} is not used: {_UNUSED[name]}"] = None
        return found

    def _levels(self) -> dict[str, int]:
        """Return how deep each group is; a circle of groups is refused."""
        levels = {ALL: 0}
        reached = {ALL}
        for depth in range(1, DEEPEST + 2):
            reached = {child for group in reached for child in self._children.get(group, ())}
            if not reached:
                return levels
            levels |= dict.fromkeys(reached, depth)
        raise ConfigError(f"groups are nested more than {DEEPEST} deep, or in a circle")

    def _inside(self, levels: Mapping[str, int]) -> dict[str, set[str]]:
        """Return the hosts of each group, those of its children included."""
        inside = {group: set(names) for group, names in self._members.items()}
        for group in sorted(levels, key=lambda each: -levels[each]):
            for child in self._children.get(group, ()):
                inside[group] |= inside[child]
        inside[ALL] = set(self._hosts)
        return inside


def expand(pattern: str) -> Iterator[str]:
    """Yield the names that `web[01:20]` and `db-[a:f]` stand for."""
    parts: list[list[str]] = []
    number, end = 1, 0
    for found in _RANGE.finditer(pattern):
        steps = _steps(found[1], found[2], int(found[3] or 1), pattern)
        number *= len(steps)
        if number > MOST_HOSTS:
            raise ConfigError(f"{pattern[:80]!r} stands for more than {MOST_HOSTS:,} hosts")
        parts += [[pattern[end : found.start()]], steps]
        end = found.end()
    parts.append([pattern[end:]])
    yield from map("".join, itertools.product(*parts))


def _steps(first: str, last: str, step: int, pattern: str) -> list[str]:
    if first.isdigit() and last.isdigit() and first.isascii() and last.isascii():
        if step and int(first) <= int(last) and (int(last) - int(first)) // step < MOST_HOSTS:
            # As many digits as are written: 01, 02 ... 10.
            return [f"{each:0{len(first)}}" for each in range(int(first), int(last) + 1, step)]
    elif step and len(first) == len(last) == 1 and "A" <= first <= last <= "z":
        return [chr(each) for each in range(ord(first), ord(last) + 1, step)]
    raise ConfigError(f"{pattern[:80]!r} is no range of hosts", hint="write web[01:20] or db[a:f]")


def _host(name: str, said: Mapping[str, str]) -> Host:
    """Return a host; what is wrong with it is told with it, and stops no other."""
    shown = printable(name, 64)
    try:
        base = _base(name, shown, said.get("address"))
        user, key = said.get("user", base.user), said.get("key", "")
        port = parse_port(said["port"]) if "port" in said else base.port
    except ConfigError as error:
        return Host(shown, "", refused=error.message)
    refused = ""
    if said.get("connection", "ssh") not in _OVER_SSH:
        refused = f"ansible_connection is {printable(said['connection'], 20)}, not ssh"
    elif not is_address(base.address):
        refused = f"ansible_host {base.address[:80]!r} is no host"
    elif user and not is_user(user):
        refused = f"ansible_user {user[:80]!r} is no user that ssh would take"
    elif "{{" in key or not key.isprintable():
        refused = f"the key file {key[:80]!r} is a template"
    return Host(shown, base.address, user, port, key, refused)


def _base(name: str, shown: str, address: str | None) -> Host:
    """Return what the name alone says; with an address it may be any name."""
    try:
        said = parse_host(name)
    except ConfigError:
        if address is None:
            raise
        return Host(shown, address)
    return said if address is None else replace(said, address=address)
