"""Bans that a defence should not have made."""

from ipaddress import ip_address, ip_network

from floodwall.core.address import Network, pack, pack_prefix
from floodwall.kernel import _abi as abi
from floodwall.kernel.tables import Tables
from floodwall.lab.banned import banned, innocent, unproven
from tests.support.memory_tables import memory_tables

STRANGER = ip_address("133.7.42.7")
ABUSER = ip_address("198.18.3.9")
CLIENT = ip_address("198.18.1.9")
PREFIX = ip_network("2a00:7:42:1::/64")


def tables() -> Tables:
    """Return maps with two proven addresses, and bans of both, of a stranger and of a prefix."""
    made = memory_tables()
    for address in (ABUSER, CLIENT):
        made.proven.update(pack(address), bytes(abi.Proof(1, 1)))
    for address in (ABUSER, CLIENT, STRANGER):
        made.bans.update(pack(address), bytes(abi.Ban(0, 0, 0)))
    made.ban_nets.update(pack_prefix(PREFIX), bytes(abi.Ban(0, 0, 0)))
    return made


def names(networks: list[Network]) -> set[str]:
    """Return networks as text."""
    return {str(network) for network in networks}


def test_addresses_and_prefixes_are_found() -> None:
    """Whatever map they are in."""
    assert len(banned(tables())) == 4


def test_who_never_proved_to_be_real_is_told() -> None:
    """A prefix too, as long as nobody in it did."""
    made = tables()
    before = names(unproven(made))
    made.proven.update(pack(PREFIX[5]), bytes(abi.Proof(1, 1)))

    assert before == {"133.7.42.7/32", str(PREFIX)}
    assert names(unproven(made)) == {"133.7.42.7/32"}


def test_clients_server_and_gateway_are_innocent() -> None:
    """An attacker in a network of the lab is not."""
    made = tables()
    made.ban_nets.update(pack_prefix("198.18.0.0/30"), bytes(abi.Ban(0, 0, 0)))

    assert names(innocent(made)) == {"198.18.1.9/32", "198.18.0.0/30"}
