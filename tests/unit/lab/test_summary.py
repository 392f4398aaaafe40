"""From single clients to a row."""

import pytest

from floodwall.lab import summary
from floodwall.lab.connections import ConnectReport
from floodwall.lab.flood import Engine, FloodReport
from floodwall.lab.load import ClientReport, LongLived, Outcome
from floodwall.lab.meter import LineReading
from floodwall.lab.sink import Answers
from tests.support.rehearsals import attempt

MS = 1_000_000


def test_only_attempts_of_the_phase_count() -> None:
    """The end of a phase is the beginning of the next."""
    report = ClientReport(True, (attempt(1), attempt(2), attempt(3)), ())
    found = summary.service([report], 2 * MS, 3 * MS)

    assert (found.attempted, found.succeeded) == (1, 1)


def test_who_never_connected_counts_in_the_percentiles() -> None:
    """A server that serves one client in a hundred quickly is not quick."""
    lost = tuple(attempt(1, Outcome.TIMED_OUT) for _ in range(3))
    found = summary.service([ClientReport(True, (*lost, attempt(1)), ())], 0, 9 * MS)

    assert (found.connect_p50_ms, found.success) == (4000.0, 0.25)


def test_options_are_told_apart_for_clients_without_timestamps() -> None:
    """Kernel cookies lose them there."""
    stamped = ClientReport(True, (attempt(1), attempt(1)), ())
    plain = ClientReport(False, (attempt(1, window_scale=False), attempt(1)), ())
    found = summary.service([stamped, plain], 0, 9 * MS)

    assert found.window_scale_kept == 0.75
    assert found.window_scale_kept_without_timestamps == 0.5
    assert found.sack_kept_without_timestamps == 1.0


def test_nothing_is_shared_among_nobody() -> None:
    """No attempt, no share."""
    found = summary.service([], 0, 1)

    assert found.success == 0.0
    assert (found.connect_p99_ms, found.sack_kept, found.without_retransmit) == (None, None, None)


def test_sessions_add_up_and_the_worst_silence_stays() -> None:
    """Resets and stalls of all, silence of one."""
    one = LongLived(True, False, 10, 100, 0, 1, 1500 * MS, 2)
    other = LongLived(False, True, 10, 100, 1, 0, 20 * MS, 0)
    found = summary.established([one, other])

    assert (found.connections, found.resets, found.stalls) == (2, 1, 1)
    assert (found.worst_silence_ms, found.retransmits) == (1500.0, 2)


def test_an_attack_is_told_in_rates_and_cost() -> None:
    """CPU is divided by what reached the server, and by what it answered."""
    sent = FloodReport(Engine.FAST, 4_000_000, 0, 1, 2)
    line = LineReading(2_000_000, 2_000_000, 1_000_000_000, Answers(500_000, 7, 0))
    found = summary.attack([sent, sent], [], line, 2.0)

    assert (found.engine, found.offered_pps, found.received_pps) == ("fast", 4e6, 1e6)
    assert (found.cpu_s_per_million, found.cpu_s_per_million_answered) == (0.5, 2.0)
    assert found.resets == 7


def test_what_a_slow_flood_costs_is_not_told_from_the_clients_packets() -> None:
    """A few hundred SYNs among thousands of packets."""
    sent = FloodReport(Engine.EXACT, 2_560, 0, 1, 2)
    line = LineReading(12_556, 0, 1_000_000_000, Answers(2_816, 0, 0))
    found = summary.attack([sent], [], line, 10.0)

    assert (found.cpu_s_per_million, found.cpu_s_per_million_answered) == (None, None)


def test_a_connection_is_offered_and_answered() -> None:
    """Beside what is forged."""
    sent = FloodReport(Engine.FAST, 100, 0, 1, 2)
    connects = ConnectReport(tried=50, opened=40, held=30, first_ns=1, last_ns=2)
    found = summary.attack([sent], [connects], LineReading(500, 0, 1, Answers(7, 0, 0)), 1.0)

    assert (found.engine, found.offered, found.answered) == ("connect+fast", 150, 47)


@pytest.mark.parametrize(("share", "value"), [(0.5, 2.0), (0.99, 4.0), (0.0, 1.0), (1.0, 4.0)])
def test_percentiles_are_values_that_were_seen(share: float, value: float) -> None:
    """Nearest rank, nothing invented in between."""
    assert summary.percentile([1.0, 2.0, 3.0, 4.0], share) == value


def test_the_service_is_back_with_the_first_client_after_the_last_failure() -> None:
    """Whoever was served in between does not count."""
    report = ClientReport(
        True,
        (attempt(1), attempt(2, Outcome.TIMED_OUT), attempt(3), attempt(4, Outcome.CUT),
         attempt(5), attempt(6)),
        (),
    )  # fmt: skip

    assert summary.back_ns([report]) == 5 * MS


def test_it_is_never_back_if_the_last_one_failed() -> None:
    """And it was never away if nobody failed."""
    lost = ClientReport(True, (attempt(1), attempt(2, Outcome.TIMED_OUT)), ())

    assert summary.back_ns([lost]) is None
    assert summary.back_ns([ClientReport(True, (attempt(1),), ())]) == 1 * MS
