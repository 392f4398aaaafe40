"""Two servers behind the lab's gateway: where they are, and what translates to them."""

from floodwall.lab.addresses import Family, is_in_lab
from floodwall.lab.behind import place, synproxy


def test_they_are_in_the_lab() -> None:
    """Each in a network of its own, where no client is."""
    places = [place(family, host) for family in Family for host in (1, 2)]
    assert len(set(places)) == len(places)
    assert all(map(is_in_lab, places))


def test_synproxy_has_what_its_manual_asks_for() -> None:
    """SYNs are untracked, nothing is picked up midway, and its own SYNs are translated."""
    rules, sysctls = synproxy((80, 8001))
    assert sysctls == {"netfilter.nf_conntrack_tcp_loose": 0}
    assert rules.count("{ 80, 8001 }") == 4
    assert "notrack" in rules
    for family, word in ((Family.IPV4, "ip"), (Family.IPV6, "ip6")):
        assert f"dnat {word} to {place(family, 2)}" in rules
