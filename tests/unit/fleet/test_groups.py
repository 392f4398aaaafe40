"""Groups, ranges and variables come to hosts as Ansible has them, within bounds."""

import pytest

from floodwall.core.errors import ConfigError
from floodwall.fleet.groups import ALL, DEEPEST, MOST_HOSTS, Groups, expand


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("web", ["web"]),
        ("web[8:10]", ["web8", "web9", "web10"]),
        ("web[08:10].x", ["web08.x", "web09.x", "web10.x"]),
        ("web[1:5:2]", ["web1", "web3", "web5"]),
        ("[a:c]-[1:2]", ["a-1", "a-2", "b-1", "b-2", "c-1", "c-2"]),
    ],
)
def test_a_range_is_its_names(pattern: str, names: list[str]) -> None:
    """As many digits as are written."""
    assert list(expand(pattern)) == names


@pytest.mark.parametrize(
    "pattern", ["w[2:1]", "w[1:2:0]", "w[a:9]", "w[b:a]", "w[1:999999999]", "w[0:999][0:999]"]
)
def test_a_range_that_is_none_or_too_much_is_refused(pattern: str) -> None:
    """Before anything is made of it."""
    with pytest.raises(ConfigError):
        list(expand(pattern))


def test_the_nearer_word_counts() -> None:
    """Host before group, child before parent, and parent before all."""
    groups = Groups()
    groups.add_hosts("a", "web", {"ansible_port": "1"})
    groups.add_hosts("b", "web", {})
    groups.add_group("web", parent="big")
    groups.add_group("big")
    groups.add_variables(ALL, {"ansible_user": "all", "ansible_port": "9", "colour": "red"})
    groups.add_variables("big", {"ansible_user": "big", "ansible_port": "2"})
    groups.add_variables("web", {"ansible_port": "3"})
    found = groups.inventory()
    assert [(host.name, host.user, host.port) for host in found.hosts] == [
        ("a", "big", 1),
        ("b", "big", 3),
    ]
    assert found.groups["big"] == found.groups["web"] == found.groups[ALL] == {"a", "b"}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"ansible_host": "-oProxyCommand=id"}, "is no host"),
        ({"ansible_host": "{{ address }}"}, "is no host"),
        ({"ansible_user": "-l"}, "is no user"),
        ({"ansible_port": "ssh"}, "is no TCP port"),
        ({"ansible_connection": "local"}, "not ssh"),
        ({"ansible_ssh_private_key_file": "{{ x }}"}, "is a template"),
    ],
)
def test_what_is_wrong_with_one_host_stops_no_other(said: dict[str, str], why: str) -> None:
    """It is told where the host would be."""
    groups = Groups()
    groups.add_hosts("bad", "g", said)
    groups.add_hosts("good", "g", {})
    bad, good = groups.inventory().hosts
    assert why in bad.refused
    assert not good.refused


def test_programs_and_passwords_of_an_inventory_are_not_used_and_that_is_said() -> None:
    """An inventory that was sent by somebody must not run anything here."""
    groups = Groups()
    groups.add_hosts("a", "g", {"ansible_ssh_common_args": "-oProxyCommand=id"})
    groups.add_hosts("b", "g", {"ansible_password": "secret"})
    found = groups.inventory()
    assert [list(host.arguments()) for host in found.hosts] == [["--", "a"], ["--", "b"]]
    assert len(found.notes) == 2
    assert "secret" not in "".join(found.notes)


def test_a_host_may_have_any_name_if_it_has_an_address() -> None:
    """And then what is shown of the name is harmless."""
    groups = Groups()
    groups.add_hosts("core switch \x1b[2J", "g", {"ansible_host": "10.0.0.1"})
    groups.add_hosts("core switch", "g", {})
    one, other = groups.inventory().hosts
    assert (one.address, one.refused) == ("10.0.0.1", "")
    assert one.name.isprintable()
    assert "is no host" in other.refused


def test_two_hosts_that_look_the_same_are_refused() -> None:
    """What is found of one must not be told of the other."""
    groups = Groups()
    groups.add_hosts("a\x01", "g", {"ansible_host": "10.0.0.1"})
    groups.add_hosts("a\x02", "g", {"ansible_host": "10.0.0.2"})
    with pytest.raises(ConfigError, match="look the same"):
        groups.inventory()


def test_a_port_in_the_name_stays_beside_an_address() -> None:
    """Both are said of the same machine."""
    groups = Groups()
    groups.add_hosts("web:2222", "g", {"ansible_host": "10.0.0.1"})
    assert list(groups.inventory().hosts[0].arguments()) == ["-p", "2222", "--", "10.0.0.1"]


def test_circles_depth_and_numbers_are_bounded() -> None:
    """Whoever wrote it may be anybody."""
    circle = Groups()
    circle.add_group("a")
    circle.add_group("b", parent="a")
    circle.add_group("a", parent="b")
    with pytest.raises(ConfigError, match="circle"):
        circle.inventory()
    deep = Groups()
    for number in range(DEEPEST + 2):
        deep.add_group(f"g{number + 1}", parent=f"g{number}" if number else ALL)
    with pytest.raises(ConfigError, match="deep"):
        deep.inventory()
    many, wide = Groups(), Groups()
    with pytest.raises(ConfigError, match="hosts"):
        _fill(many, [f"h{number}-[1:{MOST_HOSTS // 2}]" for number in range(3)], "g")
    with pytest.raises(ConfigError, match="groups"):
        _fill(wide, [f"h{number}" for number in range(2000)], "")


def _fill(groups: Groups, patterns: list[str], group: str) -> None:
    for pattern in patterns:
        groups.add_hosts(pattern, group or pattern, {})
