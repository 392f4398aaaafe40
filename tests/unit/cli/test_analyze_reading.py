"""What is read, and how, as the operator says it."""

from datetime import UTC, datetime

import click
from click.testing import CliRunner

from floodwall.cli.analyze_reading import reading
from floodwall.core.address import parse_network
from floodwall.forensics.inputs import Options


def options(*words: str) -> Options:
    """Return what words on the command line become."""
    kept: list[Options] = []

    @click.command()
    @reading
    def command(options: Options) -> None:
        kept.append(options)

    answer = CliRunner().invoke(command, words, catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return kept[0]


def test_unsaid_is_everything_in_utc() -> None:
    """Nothing is left out."""
    assert options() == Options()
    assert options().selection.is_everything


def test_a_time_without_a_zone_is_in_the_zone_that_is_said() -> None:
    """One with its own keeps it."""
    noon = datetime(2026, 2, 28, 12, tzinfo=UTC).timestamp()
    assert options("--since", "2026-02-28T12:00").selection.since == noon
    berlin = options("--since", "2026-02-28T13:00", "--zone", "Europe/Berlin")
    assert (berlin.selection.since, berlin.zone_name) == (noon, "Europe/Berlin")
    said = options("--until", "2026-02-28T12:00+00:00", "--zone", "Europe/Berlin")
    assert said.selection.until == noon


def test_ports_and_sources_may_be_several() -> None:
    """All of them are wanted."""
    made = options("--port", "80", "--port", "443", "--source", "192.0.2.0/24", "--year", "2004")
    assert made.selection.ports == (80, 443)
    assert made.selection.sources == (parse_network("192.0.2.0/24"),)
    assert made.year == 2004
