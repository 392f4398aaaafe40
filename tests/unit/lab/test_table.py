"""The table of a run."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from floodwall.core.verdict import Kind
from floodwall.lab.pauses import Pauses
from floodwall.lab.result import Check, Row
from floodwall.lab.table import WIDTH, cells, show
from tests.support import rehearsals


def shown(*results: object) -> str:
    """Return what is printed on a narrow console."""
    console = Console(width=40, file=StringIO(), record=True)
    show(results, console)  # type: ignore[arg-type] # the tests below pass results only
    return console.export_text()


def test_a_row_says_everything_in_order() -> None:
    """Eleven columns."""
    assert cells(rehearsals.row()) == (
        "  Floodwall", "100%", "0.20 / 0.50", "100% / 100%", "5.00 M", "1.00 M", "0.40", "0.80 ms",
        "5.00 s", "spoofed flood", "1.20 s",
    )  # fmt: skip


def test_a_row_without_daemon_has_no_arming() -> None:
    """And one without attack nothing to answer."""
    assert cells(rehearsals.row(Row.ON))[-4:] == ("n/a", "n/a", "n/a", "n/a")
    assert cells(rehearsals.row(attack=None))[4:7] == ("-", "-", "-")


def test_nobody_waits_for_calm() -> None:
    """It was told from the first second on; what was never told is a dash."""
    calm = rehearsals.verdicts(shown=Kind.CALM, after_s=0.4)
    silent = rehearsals.verdicts(shown=None, after_s=None)

    assert cells(rehearsals.row(defence=rehearsals.defence(verdicts=calm)))[-2:] == ("calm", "-")
    assert cells(rehearsals.row(defence=rehearsals.defence(verdicts=silent)))[-2:] == ("-", "-")


def test_a_narrow_console_cuts_no_figure() -> None:
    """Its lines wrap instead."""
    text = shown(rehearsals.result(rehearsals.row(Row.OFF), rehearsals.row()))

    assert "0.20 / 0.50" in text
    assert "…" not in text
    assert max(len(line) for line in text.splitlines()) <= WIDTH


def test_the_verdict_names_what_was_missed() -> None:
    """And nothing else."""
    good = Check("bans", "0", "0", met=True)
    bad = Check("served", ">= 99.9%", "98%", met=False)
    text = shown(replace(rehearsals.result(rehearsals.row()), checks=(good, bad), note="short"))

    assert "MISSED   spoofed" in text
    assert "served: 98%, wanted >= 99.9%" in text
    assert "bans" not in text
    assert "note: short" in text


def test_a_baseline_is_neither_met_nor_missed() -> None:
    """It is there to compare."""
    assert "baseline spoofed" in shown(rehearsals.result(rehearsals.row(Row.ON)))


def test_a_machine_that_stood_still_is_told() -> None:
    """Nobody blames the flood for it, or praises us without knowing."""
    steady, once = rehearsals.row(Row.ON), rehearsals.row(pauses=Pauses(1, 7.25, 7.25))
    text = shown(rehearsals.result(steady, once))

    assert "Floodwall: this machine stood still once, for 7.2 ms in all, 7.2 ms at worst" in text
    assert text.count("stood still") == 1
    twice = rehearsals.row(pauses=Pauses(2, 112.0, 96.0))
    assert "still 2 times, for 112.0 ms in all, 96.0 ms" in shown(rehearsals.result(twice))
