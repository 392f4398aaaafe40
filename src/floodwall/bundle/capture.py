"""An operator's capture, cut to the time and the port of an incident: its account and a sample.

The data plane keeps no packets, so whoever wants packets in the bundle records them.
"""

from dataclasses import dataclass
from pathlib import Path

from floodwall.bundle.case import Case
from floodwall.bundle.figures import Figures
from floodwall.bundle.victim import Victim
from floodwall.core.errors import ConfigError
from floodwall.forensics.account import Account, account_of
from floodwall.forensics.captures.sample import sample
from floodwall.forensics.evidence import Format
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.moments import iso
from floodwall.forensics.places import Places
from floodwall.forensics.selection import Selection
from floodwall.forensics.words import printable

LEAD_S = 30.0
"""Seconds before the incident that are taken too, as its series has them."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What a capture adds to a case."""

    account: Account
    since: float
    until: float
    frames: int
    """Frames of the sample."""
    sample: bytes
    """A capture of headers; empty where there is nothing to show."""

    @property
    def window(self) -> str:
        """Return the time that was looked at, in UTC."""
        return f"{iso(self.since)} to {iso(self.until)}"


def captured(path: Path, case: Case, seen: Figures, victim: Victim, places: Places) -> Captured:
    """Read a capture; raise ConfigError if it is none, or holds nothing of the incident."""
    if seen.start is None or seen.end is None:
        raise ConfigError(f"when {case.incident.name} was is not known: no capture can be cut")
    ports = (victim.port,) if victim.port else ()
    selection = Selection(since=seen.start - LEAD_S, until=seen.end + 1, ports=ports)
    partial = read_input(str(path), Options(selection=selection))
    (read,) = partial.inputs
    if read.format not in (Format.PCAP, Format.PCAPNG):
        trouble = read.errors[0] if read.errors else f"it is {read.format.value}"
        raise ConfigError(f"{printable(str(path))} is no capture: {printable(trouble, 300)}")
    account = places.located(account_of(partial))
    frames, content = sample([str(path)], account.findings, selection)
    found = Captured(
        account,
        selection.since or 0.0,
        selection.until or 0.0,
        frames,
        content if frames else b"",
    )
    if not account.findings:
        raise ConfigError(
            f"nothing in {printable(str(path))} belongs to {case.incident.name}: no finding from "
            f"{found.window}" + (f" at port {victim.port}" if victim.port else ""),
            hint="'floodwall analyze' tells what is in it, and when",
        )
    return found
