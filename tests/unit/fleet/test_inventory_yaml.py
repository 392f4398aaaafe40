"""Inventories in YAML form."""

import pytest

from floodwall.core.errors import ConfigError
from floodwall.fleet.inventory_yaml import parse_yaml

WHOLE = """\
---
all:
  hosts:
    mail.example.org:
      ansible_port: 2200
      keys: [a, b]
    2001:db8::1:
  vars:
    ansible_user: ops
    ansible_become_pass: !vault |
      $ANSIBLE_VAULT;1.1
      6162
  children:
    web:
      hosts:
        web[1:2]: {ansible_host: 10.1.1.1}
      vars:
        ansible_user: "root"
    none:
"""


def test_groups_within_groups_are_read() -> None:
    """Each host with what the groups above it say."""
    found = parse_yaml(WHOLE, "hosts.yml")
    assert [(host.name, " ".join(host.arguments())) for host in found.hosts] == [
        ("mail.example.org", "-p 2200 -l ops -- mail.example.org"),
        ("2001:db8::1", "-l ops -- 2001:db8::1"),
        ("web1", "-l root -- 10.1.1.1"),
        ("web2", "-l root -- 10.1.1.1"),
    ]
    assert found.groups["web"] == {"web1", "web2"}
    assert found.notes == ("ansible_become_pass is not used: no password is ever used; see --sudo",)


@pytest.mark.parametrize(
    "text",
    [
        "all:\n  hosts:\n    - web1\n",
        "all:\n  hosts: web1\n",
        "all: web\n",
        "all:\n  servers:\n    web1:\n",
        "all:\n  hosts:\n    web1: 10.0.0.1\n",
    ],
)
def test_what_ansible_would_misread_is_refused(text: str) -> None:
    """A list of hosts is no list of hosts there."""
    with pytest.raises(ConfigError, match=r"hosts\.yml"):
        parse_yaml(text, "hosts.yml")
