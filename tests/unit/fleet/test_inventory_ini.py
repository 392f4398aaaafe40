"""Plain lists and inventories in INI form."""

import pytest

from floodwall.core.errors import ConfigError
from floodwall.fleet.inventory_ini import parse_ini

WHOLE = """\
# the list
root@web1   ; not a comment in a host line
db[1:2] ansible_user=ops ansible_host="10.0.0.1"  # behind
[2001:db8::1]:22

[edge]   # a group
edge1 note="a b = c"

[edge:vars]
ansible_port = 2200
ansible_user = 'edge'
motd = "two words"

[all:children]
edge
[empty]
"""


def test_hosts_groups_and_variables_are_read() -> None:
    """With comments, quotes, ranges and brackets that are addresses."""
    found = parse_ini(WHOLE, "hosts")
    assert [" ".join(host.arguments()) for host in found.hosts] == [
        "-l root -- web1",
        "-l ops -- 10.0.0.1",
        "-l ops -- 10.0.0.1",
        "-p 22 -- 2001:db8::1",
        "-p 2200 -l edge -- edge1",
    ]
    assert found.groups["edge"] == {"edge1"}
    assert found.groups["empty"] == frozenset()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a\n[x:nonsense]\n", "hosts:2"),
        ('a\nb c="\n', "hosts:2"),
        ("w[3:1]", "hosts:1"),
        ("[a:vars]\nx='\n", "hosts:2"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, place: str) -> None:
    """So that it is found."""
    with pytest.raises(ConfigError, match=place):
        parse_ini(text, "hosts")


def test_a_host_that_is_none_stops_no_other() -> None:
    """An option in a list is told where the host would be."""
    bad, good = parse_ini("-oProxyCommand=id\nweb1\n", "hosts").hosts
    assert "is no host" in bad.refused
    assert good.address == "web1"
