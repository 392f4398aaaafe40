"""MaxMind DB files."""

import os
from pathlib import Path
from random import Random
from typing import Any

import pytest

from floodwall.core.address import parse_address
from floodwall.core.errors import ConfigError
from floodwall.forensics.mmdb import Mmdb, Value
from tests.support.mmdb import MARKER, encode, mmdb

RECORDS: dict[str, dict[str, Any]] = {
    "203.0.113.0/24": {"country": {"iso_code": "DE"}, "exact": True, "weight": 1.5},
    "198.51.100.7/32": {"asn": 64_500, "names": ["a", "b" * 40], "big": 1 << 40},
    "2001:db8::/32": {"country": {"iso_code": "FR"}},
}


def find(tmp_path: Path, content: bytes, address: str) -> dict[str, Value]:
    """Return what a file says about an address."""
    file = tmp_path / "x.mmdb"
    file.write_bytes(content)
    opened = Mmdb(file)
    try:
        return opened.find(parse_address(address))
    finally:
        opened.close()


@pytest.mark.parametrize("bits", [24, 28, 32])
def test_every_address_of_a_network_is_found(tmp_path: Path, bits: int) -> None:
    """And no other, in either family, with values of every type."""
    content = mmdb(RECORDS, bits)
    for address, network in (
        ("203.0.113.0", "203.0.113.0/24"),
        ("203.0.113.255", "203.0.113.0/24"),
        ("198.51.100.7", "198.51.100.7/32"),
        ("2001:db8:ffff::1", "2001:db8::/32"),
    ):
        assert find(tmp_path, content, address) == RECORDS[network]
    for address in ("203.0.114.0", "198.51.100.8", "2001:db9::", "8.8.8.8"):
        assert find(tmp_path, content, address) == {}


def test_a_file_of_ipv4_knows_nothing_else(tmp_path: Path) -> None:
    """Its tree begins with the first bit of an IPv4 address."""
    content = mmdb({"203.0.113.0/24": {"x": 1}}, version=4)
    assert find(tmp_path, content, "203.0.113.9") == {"x": 1}
    assert find(tmp_path, content, "2001:db8::1") == {}


def test_values_may_stand_elsewhere(tmp_path: Path) -> None:
    """Pointers, as publishers use them for what repeats."""
    content = mmdb({"203.0.113.0/24": {"a": "shared", "b": "XY"}}, version=4)
    text = encode("XY")
    at = len(encode({}) + encode("a"))  # position of the first value in the record
    pointed = content.replace(text, bytes([0x20, at, 0xE0]))  # and an empty map to fill the place
    pointed = pointed.replace(encode({"a": "shared", "b": "XY"})[:1], b"\xe2")
    assert find(tmp_path, pointed, "203.0.113.9") == {"a": "shared", "b": "shared"}


def test_a_pointer_to_itself_ends(tmp_path: Path) -> None:
    """As a corrupt record."""
    content = mmdb({"203.0.113.0/24": {"a": "XY"}}, version=4)
    at = len(encode({}) + encode("a"))
    endless = content.replace(encode("XY"), bytes([0x20, at, 0xE0]))
    with pytest.raises(ConfigError, match="endless"):
        find(tmp_path, endless, "203.0.113.9")


@pytest.mark.parametrize(
    "content",
    [b"", b"text", MARKER, MARKER + encode({}), MARKER + encode({"node_count": 1 << 31}),
     MARKER + encode({"node_count": 9, "record_size": 24, "ip_version": 6})],
)  # fmt: skip
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """With a sentence, not a traceback."""
    with pytest.raises(ConfigError):
        find(tmp_path, content, "203.0.113.9")


def test_an_endless_number_is_no_number(tmp_path: Path) -> None:
    """Nobody wants to read 300 bytes as digits."""
    content = mmdb({"203.0.113.0/24": {"asn": "x" * 60}}, version=4)
    content = content.replace(encode("x" * 60)[:1], b"\xbd")  # the text becomes a u16 of 60 bytes
    assert find(tmp_path, content, "203.0.113.9") == {"asn": b"x" * 60}


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    """And it is not waited for."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="cannot open"):
        Mmdb(tmp_path / "pipe")


def test_no_damage_does_more_than_an_error(tmp_path: Path) -> None:
    """Thousands of files with bytes changed or cut."""
    whole, chance = mmdb(RECORDS, 28), Random(5)
    for _ in range(2_000):
        damaged = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        if chance.random() < 0.2:
            del damaged[chance.randrange(len(damaged)) :]
        try:
            found = find(tmp_path, bytes(damaged), chance.choice(["203.0.113.1", "2001:db8::"]))
        except ConfigError:
            continue
        assert isinstance(found, dict)
