"""Country and network of sources."""

from dataclasses import replace
from pathlib import Path

import pytest

from floodwall.forensics.places import Places, address_in
from tests.support.evidence import account_of_rows, flood_rows
from tests.support.mmdb import mmdb


def places(tmp_path: Path) -> Places:
    """Return a file of countries and one of networks."""
    countries, networks = tmp_path / "country.mmdb", tmp_path / "asn.mmdb"
    countries.write_bytes(mmdb({"203.0.0.0/16": {"country": {"iso_code": "DE"}}}))
    name = {"autonomous_system_number": 64_500, "autonomous_system_organization": "Net\x1b[2J"}
    networks.write_bytes(mmdb({"203.0.0.0/17": name, "192.0.2.0/24": {"asn": "AS64501"}}))
    return Places([countries, networks])


def test_files_are_read_together(tmp_path: Path) -> None:
    """One knows the country, one the network, and neither disturbs a terminal."""
    known = places(tmp_path)
    found = [known.of(address) for name in ("203.0.0.1", "192.0.2.1", "2001:db8::1")
             if (address := address_in(name))]  # fmt: skip
    assert found == [("DE", "AS64500 Net·[2J"), ("", "AS64501"), ("", "")]
    known.close()


def test_every_source_that_is_named_has_its_place(tmp_path: Path) -> None:
    """Addresses, endpoints and prefixes; all else stays as it was."""
    account = account_of_rows(flood_rows(400))
    found = places(tmp_path).located(account)
    sources = found.findings[0].sources
    for talker in (*sources.top, *sources.endpoints, *sources.prefixes):
        assert talker.country == "DE"
    before = account.findings[0].sources
    assert sources.top[0] == replace(before.top[0], country="DE", network="AS64500 Net·[2J")
    assert found.inputs == account.inputs


@pytest.mark.parametrize(
    ("name", "address"),
    [("192.0.2.1", "192.0.2.1"), ("192.0.2.1:80", "192.0.2.1"), ("192.0.2.0/24", "192.0.2.0"),
     ("2001:db8::1", "2001:db8::1"), ("[2001:db8::1]:80", "2001:db8::1"),
     ("2001:db8::/64", "2001:db8::"), ("unknown", "None"), ("", "None")],
)  # fmt: skip
def test_names_lead_to_addresses(name: str, address: str) -> None:
    """Of all the forms that an account uses."""
    assert str(address_in(name)) == address
