"""Country and network of sources, from the operator's own .mmdb files; without them, nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from floodwall.core.address import Address, parse_address
from floodwall.core.errors import ConfigError
from floodwall.forensics.account import Account
from floodwall.forensics.finding import Finding, Talker
from floodwall.forensics.mmdb import Mmdb, Value
from floodwall.forensics.words import printable

_LONGEST: Final = 60
# Names of members as the publishers of such files use them.
_COUNTRIES: Final = (("country", "iso_code"), ("registered_country", "iso_code"),
                     ("country_code",), ("country",))  # fmt: skip
_NUMBERS: Final = (("autonomous_system_number",), ("asn",))
_NAMES: Final = (("autonomous_system_organization",), ("as_name",), ("name",))


class Places:
    """What some files say about addresses; the first that knows is believed."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Open the files; raise ConfigError if one is none of this format."""
        self._files = [Mmdb(path) for path in paths]

    def of(self, address: Address) -> tuple[str, str]:
        """Return the country and the network, empty where no file knows."""
        country = network = ""
        for file in self._files:
            record = file.find(address)
            country = country or _text(record, _COUNTRIES)
            network = network or _network(record)
        return country, network

    def located(self, account: Account) -> Account:
        """Return the account with the places of all sources that it names."""
        return replace(account, findings=tuple(self._finding(one) for one in account.findings))

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()

    def _finding(self, finding: Finding) -> Finding:
        old = finding.sources
        sources = replace(
            old,
            top=self._talkers(old.top),
            endpoints=self._talkers(old.endpoints),
            prefixes=self._talkers(old.prefixes),
        )
        shakes = finding.handshakes
        if shakes is not None:
            shakes = replace(shakes, longest=self._talkers(shakes.longest))
        return replace(finding, sources=sources, handshakes=shakes)

    def _talkers(self, talkers: Sequence[Talker]) -> tuple[Talker, ...]:
        return tuple(self._talker(talker) for talker in talkers)

    def _talker(self, talker: Talker) -> Talker:
        address = address_in(talker.name)
        if address is None:
            return talker
        country, network = self.of(address)
        return replace(talker, country=country, network=network)


def address_in(name: str) -> Address | None:
    """Return the address of a source, an endpoint or a prefix by its name."""
    text = name.partition("/")[0]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return parse_address(text)
    except ConfigError:
        return None


def _network(record: dict[str, Value]) -> str:
    number, name = _text(record, _NUMBERS), _text(record, _NAMES)
    known = f"AS{number}" if number.isdigit() else number
    return f"{known} {name}".strip()


def _text(record: dict[str, Value], ways: Iterable[tuple[str, ...]]) -> str:
    """Return the first plain value that one of several ways leads to, made harmless."""
    for way in ways:
        found: Value | None = record
        for name in way:
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, str | int) and found not in ("", 0):
            return printable(str(found), _LONGEST)
    return ""
