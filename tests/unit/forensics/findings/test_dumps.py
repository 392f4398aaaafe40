"""What dumps show."""

from pathlib import Path

import pytest

from floodwall.forensics.account import Account, account_of
from floodwall.forensics.finding import Kind
from floodwall.forensics.inputs import Options, read_input

LISTEN = "LISTEN {waiting} {backlog} *:80 *:*\n"


def said(folder: Path, text: str) -> Account:
    """Return the account of a dump."""
    file = folder / "dump"
    file.write_text(text)
    return account_of(read_input(str(file), Options()))


def requests(count: int) -> str:
    """Write rows of half-open requests."""
    return "".join(f"SYN-RECV 0 0 192.0.2.1:80 203.0.{n // 250}.{n % 250}:4000\n"
                   for n in range(count))  # fmt: skip


@pytest.mark.parametrize(
    ("count", "listen", "verdict"),
    [
        (200, "", Kind.SYN_FLOOD),
        (200, LISTEN.format(waiting=0, backlog=128), Kind.SYN_FLOOD),
        (200, LISTEN.format(waiting=0, backlog=4096), None),
        (200, LISTEN.format(waiting=129, backlog=128), Kind.SLOW_APPLICATION),
        (20, LISTEN.format(waiting=0, backlog=5), None),
        (40, "", None),
    ],
)
def test_half_open_requests_are_judged_by_their_queue(
    count: int, listen: str, verdict: Kind | None, tmp_path: Path
) -> None:
    """Known or the smallest usual; behind a full accept queue they prove nothing."""
    account = said(tmp_path, listen + requests(count))
    assert account.verdict is verdict
    if verdict is Kind.SYN_FLOOD:
        (finding,) = account.findings
        assert (finding.requests.observed, finding.sources.distinct) == (count, count)
        assert [(str(one.address), one.port) for one in finding.victims] == [("192.0.2.1", 80)]


def test_counters_are_told_by_their_growth(tmp_path: Path) -> None:
    """And the share of cookies that came back."""
    look = "TcpExt: SyncookiesSent SyncookiesRecv\nTcpExt: {} {}\n"
    account = said(tmp_path, look.format(100, 90) + look.format(1_100, 100))
    counts = {hint.name: hint.count for hint in account.hints}
    assert counts == {
        "counter_SyncookiesSent": 1_000,
        "counter_SyncookiesRecv": 10,
        "cookies_answered": 10,
    }
    assert account.verdict is None
