"""Whole scenarios: a real server, real clients and a flood, on the kernel alone and on Floodwall.

Only what no busy neighbour can change is asserted: who is served, what is kept, what is left.
"""

from dataclasses import replace

import pytest

from floodwall.lab.bars import HALF_OPEN_BEHIND
from floodwall.lab.result import Row, RowResult, ScenarioResult
from floodwall.lab.run import Request, run_scenario
from floodwall.lab.scenarios import BY_NAME
from floodwall.lab.topology import Options

pytestmark = [pytest.mark.root, pytest.mark.live, pytest.mark.timeout(180)]

SECONDS = 3.0
RATE_PPS = 20_000.0  # what two busy CPUs can still send evenly


def rehearse(
    name: str,
    *rows: Row,
    rate: float | None = None,
    offload: bool = False,
    gateway: bool = False,
    seconds: float = SECONDS,
) -> ScenarioResult:
    """Run a scenario for a few seconds."""
    options = Options(checksum_offload=offload, gateway=gateway)
    request = Request(BY_NAME[name], rows, seconds, options=options).at_rate(rate)
    return run_scenario(request, lambda _text: None)


def by_row(result: ScenarioResult) -> dict[Row, RowResult]:
    """Return the rows by their names, all of them without leaks."""
    assert [row.leaks for row in result.rows] == [()] * len(result.rows)
    return {row.row: row for row in result.rows}


def served(row: RowResult) -> float:
    """Return the share of clients that were served; open connections must be unharmed."""
    assert row.established.resets == 0
    return row.service.success


def test_the_old_attack_stops_the_kernel_alone_and_not_floodwall() -> None:
    """256 SYN/s from 572 addresses, 22 years later."""
    rows = by_row(rehearse("classic", Row.OFF, Row.FLOODWALL))

    assert served(rows[Row.OFF]) < 0.7
    assert served(rows[Row.FLOODWALL]) >= 0.999
    defence = rows[Row.FLOODWALL].defence
    assert defence is not None
    assert defence.unproven_bans == 0
    assert defence.calm_after_s is not None
    assert defence.calm_after_s <= 10.0


def test_kernel_cookies_lose_options_that_floodwall_keeps() -> None:
    """For clients that send no timestamps."""
    rows = by_row(rehearse("spoofed", Row.ON, Row.FLOODWALL, rate=RATE_PPS))

    kernel, ours = rows[Row.ON].service, rows[Row.FLOODWALL].service
    assert kernel.window_scale_kept_without_timestamps is not None
    assert kernel.window_scale_kept_without_timestamps < 0.1  # who came before the queue was full
    assert kernel.sack_kept_without_timestamps == kernel.window_scale_kept_without_timestamps
    assert (ours.window_scale_kept, ours.sack_kept) == (1.0, 1.0)
    assert served(rows[Row.FLOODWALL]) >= 0.999


@pytest.mark.parametrize("row", [Row.FLOODWALL, Row.GENERIC])
@pytest.mark.parametrize("offload", [False, True])
def test_it_holds_in_both_places_and_with_unfinished_checksums(row: Row, *, offload: bool) -> None:
    """In the driver and behind it; with senders on the same machine too."""
    rows = by_row(rehearse("spoofed", row, rate=RATE_PPS, offload=offload))

    assert served(rows[row]) >= 0.999
    assert rows[row].service.window_scale_kept == 1.0


def test_servers_behind_a_gateway_see_hardly_anything_of_it() -> None:
    """A queue of 128 without cookies; who comes through does so before the gateway arms."""
    row = by_row(rehearse("spoofed", Row.FLOODWALL, rate=RATE_PPS, gateway=True))[Row.FLOODWALL]

    assert served(row) >= 0.999
    assert row.behind is not None
    assert row.behind.half_open_max <= HALF_OPEN_BEHIND
    assert 0 < row.behind.forged <= HALF_OPEN_BEHIND
    assert (row.service.window_scale_kept, row.service.sack_kept) == (1.0, 1.0)


@pytest.mark.parametrize("name", ["quiet", "nat"])
def test_nobody_is_challenged_without_an_attack(name: str) -> None:
    """However many come from one address."""
    rows = by_row(rehearse(name, Row.FLOODWALL))
    defence = rows[Row.FLOODWALL].defence

    assert served(rows[Row.FLOODWALL]) == 1.0
    assert defence is not None
    assert not [reason for reason in defence.reasons if reason.startswith(("CHALLENGE", "DROP"))]


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("slow-app", 6.0),
        ("connect-flood", 12.0),
        ("scan", 6.0),
        ("reflector", 8.0),
        ("ramp", 20.0),
        ("never-ban", 6.0),
        ("crowd", 4.0),
    ],
)
def test_everything_is_called_by_its_name_and_clients_are_served(name: str, seconds: float) -> None:
    """Nobody is blamed for it who could be innocent."""
    row = by_row(rehearse(name, Row.FLOODWALL, seconds=seconds))[Row.FLOODWALL]
    bar = BY_NAME[name].bar
    defence = row.defence

    assert defence is not None
    assert defence.verdicts.shown in bar.verdicts, defence.verdicts
    assert bar.names in defence.verdicts.words
    assert defence.verdicts.false_s == 0
    assert served(row) >= bar.success
    assert (defence.unproven_bans, defence.innocent_bans) == (0, 0)
    assert (defence.bans > 0) == (name == "connect-flood")


def test_a_victim_gets_one_packet_for_each_that_was_forged() -> None:
    """A kernel alone sends its SYN-ACK again and again."""
    rows = by_row(rehearse("reflector", Row.ON, Row.FLOODWALL, seconds=6.0))
    kernel, ours = rows[Row.ON].attack, rows[Row.FLOODWALL].attack

    assert kernel is not None
    assert ours is not None
    assert kernel.answered > 1.8 * kernel.offered
    assert ours.answered < 1.1 * ours.offered


def test_a_service_that_is_down_comes_back_when_floodwall_starts() -> None:
    """The queue is full of half-open connections, and the flood goes on."""
    scenario = replace(BY_NAME["midflood"], seconds=9.0, defended_after_s=3.0)
    request = Request(scenario, (Row.FLOODWALL,))
    rows = by_row(run_scenario(request, lambda _text: None))
    defence = rows[Row.FLOODWALL].defence

    assert defence is not None
    assert defence.half_open_at_start >= 500
    assert defence.back_after_s is not None
    assert defence.back_after_s - defence.ready_after_s <= 1.0
    assert served(rows[Row.FLOODWALL]) >= 0.999
