"""Who was attacked, as far as the name of a service and the settings tell."""

from collections.abc import Sequence
from dataclasses import dataclass

from floodwall.core.address import Address
from floodwall.core.service_name import endpoint_of


@dataclass(frozen=True, slots=True)
class Victim:
    """Addresses and port; no address where none is known, port 0 for the machine as a whole."""

    addresses: tuple[Address, ...]
    port: int

    def of(self, version: int) -> str:
        """Return the address that a source of this IP version was talking to, or the first one."""
        same = [address for address in self.addresses if address.version == version]
        return str((same or list(self.addresses))[0])

    def __str__(self) -> str:
        where = ", ".join(map(str, self.addresses)) or "this machine (report.addresses names it)"
        return f"{where}, TCP port {self.port}" if self.port else f"{where}, all ports"


def victim_of(service: str, public: Sequence[Address]) -> Victim:
    """Return the victim of an incident; `public` are the addresses that the settings tell."""
    address, port = endpoint_of(service)
    return Victim(tuple(public) if address is None else (address,), port)
