"""ACK floods."""

from floodwall.forensics.evidence import Flag
from floodwall.forensics.finding import Kind
from tests.support.evidence import account_of_rows, flood_rows, handshake_rows


def test_acknowledgements_of_nothing_are_a_flood() -> None:
    """Each from another source."""
    rows = [(*row[:5], Flag.ACK) for row in flood_rows(1_000)]
    account = account_of_rows(rows)
    assert account.verdict is Kind.ACK_FLOOD
    assert account.findings[0].requests.observed == 1_000


def test_connections_seen_from_their_middle_are_none() -> None:
    """Both sides speak, or one goes on."""
    both = [row for row in handshake_rows(400, rate=50.0) if not row[5] & Flag.SYN]
    one = [row for row in both if row[1] != "198.51.100.1"]
    assert account_of_rows(both).verdict is None
    longer = [*one, *((at + 1.0, *rest) for at, *rest in one)]
    assert account_of_rows(longer).verdict is None  # type: ignore[arg-type] # rebuilt rows
