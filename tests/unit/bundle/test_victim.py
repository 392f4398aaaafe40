"""Who was attacked."""

from ipaddress import ip_address

from floodwall.bundle.victim import victim_of

PUBLIC = (ip_address("192.0.2.80"), ip_address("2001:db8::80"))


def test_a_service_of_one_address_is_that_address() -> None:
    """Whatever the settings say."""
    victim = victim_of("198.51.100.1:443 nginx", PUBLIC)

    assert str(victim) == "198.51.100.1, TCP port 443"


def test_a_service_of_all_addresses_has_those_of_the_settings() -> None:
    """The one that a source was talking to is of its own kind."""
    victim = victim_of("*:80 nginx", PUBLIC)

    assert victim.of(4) == "192.0.2.80"
    assert victim.of(6) == "2001:db8::80"
    assert victim_of("*:80", PUBLIC[:1]).of(6) == "192.0.2.80"


def test_what_is_not_known_is_not_made_up() -> None:
    """Neither an address nor a port."""
    assert str(victim_of("*:80", ())) == "this machine (report.addresses names it), TCP port 80"
    assert str(victim_of("this machine", PUBLIC[:1])) == "192.0.2.80, all ports"
