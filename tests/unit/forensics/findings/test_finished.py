"""Completed handshakes."""

from floodwall.forensics.evidence import Flag
from floodwall.forensics.finding import Kind
from tests.support.evidence import Row, account_of_rows, handshake_rows

SERVER = "198.51.100.1"


def test_connections_that_say_nothing_are_a_flood() -> None:
    """A thousand of them in twenty seconds; the same with data are not."""
    silent = account_of_rows(handshake_rows(1_000, rate=50.0, data=False))
    assert silent.verdict is Kind.CONNECTION_FLOOD
    assert account_of_rows(handshake_rows(1_000, rate=50.0)).verdict is None


def test_a_crowd_is_no_attack() -> None:
    """Many clients at once, far more than before."""
    calm = handshake_rows(200, rate=2.0)
    rush = [(at + 100.0, *rest) for at, *rest in handshake_rows(500, rate=400.0, port=81)]
    rush += [(at + 20.0, *rest) for at, *rest in handshake_rows(20, rate=2.0, port=81)]
    account = account_of_rows([*calm, *rush])  # type: ignore[list-item] # rebuilt rows
    assert account.verdict is Kind.FLASH_CROWD
    assert not account.is_attack


def test_a_full_accept_queue_is_a_slow_application() -> None:
    """The server repeats its answer to clients that have finished."""
    rows: list[Row] = []
    for at, *rest in handshake_rows(40, rate=1.0):
        rows.append((at, *rest))  # type: ignore[arg-type] # rebuilt row
        if rest[0] == SERVER and rest[4] == Flag.SYN | Flag.ACK:
            rows.append((at + 1.0, *rest))  # type: ignore[arg-type] # rebuilt row
    account = account_of_rows(rows)
    assert account.verdict is Kind.SLOW_APPLICATION
    assert not account.is_attack
