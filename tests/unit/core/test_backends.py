"""What stands behind a gateway: settings and NAT rules in, targets out."""

from ipaddress import ip_address, ip_network

from floodwall.core.backends import ADDRESSES_MAX, PORTS_MAX, backends, is_tracked, unclear
from floodwall.core.model import Translation
from floodwall.core.settings_gateway import GatewayPolicy

OURS = frozenset(map(ip_address, ("192.0.2.1", "2001:db8::1", "127.0.0.1", "::1")))
ON = GatewayPolicy(enabled=True)
ONE = ip_network("192.0.2.7/32")


def names(policy: GatewayPolicy, *rules: Translation) -> list[str]:
    """Return the endpoints of all targets."""
    return [str(target.bound) for target in backends(policy, rules, OURS)]


def test_nothing_stands_behind_a_host() -> None:
    """Rules and lists count only where the operator says that it is a gateway."""
    off = GatewayPolicy(services=("192.0.2.7:80",))
    assert names(off, Translation(80, 80, ONE)) == []


def test_a_rule_for_an_address_is_that_address() -> None:
    """Port by port, whether it is ours or routed through us."""
    assert names(ON, Translation(80, 81, ONE)) == ["192.0.2.7:80", "192.0.2.7:81"]


def test_a_rule_for_no_address_is_each_of_ours() -> None:
    """Loopback is none that a packet from outside is sent to."""
    assert names(ON, Translation(80, 80)) == ["192.0.2.1:80", "[2001:db8::1]:80"]


def test_what_is_listed_comes_beside_what_is_learned_once() -> None:
    """The same endpoint in both is one service."""
    policy = GatewayPolicy(enabled=True, services=("192.0.2.7:80", "[2001:db8::9]:443"))
    assert names(policy, Translation(80, 80, ONE)) == ["192.0.2.7:80", "[2001:db8::9]:443"]


def test_nothing_is_learned_when_that_is_not_wanted() -> None:
    """The list alone holds."""
    policy = GatewayPolicy(enabled=True, learn=False, services=("192.0.2.7:443",))
    assert names(policy, Translation(80, 80, ONE)) == ["192.0.2.7:443"]
    assert unclear(policy, (Translation(1, 65535),)) == ()


def test_a_rule_for_all_ports_says_not_what_listens() -> None:
    """It is left alone, and the operator is told why."""
    rules = (Translation(1, 65535, ONE), Translation(1000, 1000 + PORTS_MAX))
    assert names(ON, *rules) == []
    found = unclear(ON, rules)
    assert [str(each.bound) for each in found] == ["192.0.2.7:1", "0.0.0.0:1000"]
    assert all("name them in gateway.services" in each.reason for each in found)


def test_so_does_one_for_a_large_network() -> None:
    """Up to a /24 is taken address by address."""
    small, large = ip_network("192.0.2.0/24"), ip_network("198.51.0.0/16")
    assert len(names(ON, Translation(80, 80, small))) == ADDRESSES_MAX
    assert names(ON, Translation(80, 80, large)) == []
    assert "addresses" in unclear(ON, (Translation(80, 80, large),))[0].reason


def test_targets_are_behind_and_as_large_as_the_settings_say() -> None:
    """No listener of this machine has a say in it."""
    policy = GatewayPolicy(enabled=True, half_open=32)
    (target,) = backends(policy, (Translation(80, 80, ONE),), OURS)
    assert (target.behind, target.backlog, target.device) == (True, 32, 0)


def test_what_is_translated_is_tracked() -> None:
    """Where nothing is, the operator may know better."""
    assert is_tracked(ON, (Translation(80, 80, ONE),))
    assert not is_tracked(ON, ())
    assert is_tracked(GatewayPolicy(enabled=True, tracked=True), ())
    assert not is_tracked(GatewayPolicy(tracked=True), (Translation(80, 80),))
