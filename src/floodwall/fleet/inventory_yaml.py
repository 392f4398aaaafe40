"""Inventories of Ansible in YAML form: groups of hosts, variables and further groups."""

from collections.abc import Iterator

from floodwall.core.errors import ConfigError
from floodwall.fleet.groups import Groups, Inventory
from floodwall.fleet.yaml_tree import Node, Opaque, parse_tree

_PARTS = ("hosts", "vars", "children")


def parse_yaml(text: str, name: str) -> Inventory:
    """Read an inventory; `name` is how errors call it."""
    groups = Groups()
    for group, node in parse_tree(text, name).items():
        _take(groups, group, node, name)
    return groups.inventory()


def _take(groups: Groups, group: str, node: Node, name: str) -> None:
    """Take a group and what is below it; the depth is bounded by the tree's own."""
    groups.add_group(group)
    parts = _mapping(node, f"{name}: group {group[:80]!r}")
    for part in parts:
        if part not in _PARTS:
            raise ConfigError(
                f"{name}: group {group[:80]!r} has {part[:80]!r}",
                hint="a group has hosts, vars and children",
            )
    here = f"{name}: {group[:80]!r}"
    for host, said in _mapping(parts.get("hosts"), f"{here}: hosts").items():
        groups.add_hosts(host, group, dict(_scalars(_mapping(said, f"{here}: {host[:80]!r}"))))
    groups.add_variables(group, dict(_scalars(_mapping(parts.get("vars"), f"{here}: vars"))))
    for child, below in _mapping(parts.get("children"), f"{here}: children").items():
        groups.add_group(child, parent=group)
        _take(groups, child, below, name)


def _mapping(node: Node, where: str) -> dict[str, Node]:
    if node is None:
        return {}
    if isinstance(node, dict):
        return node
    raise ConfigError(f"{where} is no mapping", hint="write NAME: in a line of its own")


def _scalars(variables: dict[str, Node]) -> Iterator[tuple[str, str]]:
    """Yield the variables that are one word; others are none of ours."""
    for key, value in variables.items():
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, Opaque):
            yield key, ""
