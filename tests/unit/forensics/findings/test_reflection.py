"""Reflection and backscatter."""

from floodwall.forensics.evidence import Flag
from floodwall.forensics.finding import Kind
from tests.support.evidence import Row, account_of_rows, handshake_rows

BOTH = Flag.SYN | Flag.ACK
VICTIM = "198.51.100.1"


def test_many_servers_that_answer_one_are_reflection() -> None:
    """The address that they answer is the victim; they are the sources."""
    rows = [(n / 50, f"203.0.113.{n % 40}", 443, VICTIM, 1_024 + n, BOTH) for n in range(300)]
    account = account_of_rows(rows)
    assert account.verdict is Kind.SYNACK_REFLECTION
    (finding,) = account.findings
    assert str(finding.victims[0].address) == VICTIM
    assert (finding.sources.distinct, finding.requests.observed) == (40, 300)


def test_one_server_that_answers_many_is_backscatter() -> None:
    """It is flooded elsewhere; nobody here is attacked."""
    rows = [(n / 50, "203.0.113.9", 80, f"198.51.{n % 250}.{n // 250}", 4_000, BOTH)
            for n in range(300)]  # fmt: skip
    account = account_of_rows(rows)
    assert account.verdict is Kind.BACKSCATTER
    assert not account.is_attack


def test_answers_to_our_own_requests_are_neither() -> None:
    """Also where only one direction was captured."""
    servers_side: list[Row] = [
        row for row in handshake_rows(300, rate=20.0, sources=1) if row[1] == VICTIM
    ]
    assert account_of_rows(servers_side).verdict is None


def test_a_mirror_is_seen_from_within() -> None:
    """One address asks many of our doors, all open, and never goes on."""
    rows: list[Row] = []
    for n in range(100):
        client, server = ("192.0.2.7", 4_000 + n), (f"198.51.100.{n % 50}", 80 + n // 50)
        rows += [(n * 2.0, *client, *server, Flag.SYN), (n * 2.0 + 0.01, *server, *client, BOTH)]
    account = account_of_rows(rows)
    assert account.verdict is Kind.SYNACK_REFLECTION
    assert str(account.findings[0].victims[0].address) == "192.0.2.7"
