"""The account for a terminal."""

import io
from pathlib import Path

from rich.console import Console

from floodwall.forensics.account import account_of
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.outputs.terminal import show, spark
from tests.support.evidence import golden_log


def said(tmp_path: Path, text: str) -> str:
    """Return what is printed about a log."""
    file = tmp_path / "kern.log"
    file.write_text(text)
    page = io.StringIO()
    show(account_of(read_input(str(file), Options(year=2004))), Console(file=page, width=120))
    return page.getvalue()


def test_a_flood_is_told_in_sentences_and_tables(tmp_path: Path) -> None:
    """With the naive reading beside the honest one."""
    page = said(tmp_path, golden_log().text)
    assert "SYN flood" in page
    assert "1 h 53 min 47 s" in page
    assert "572 different addresses" in page
    assert "naive reading" in page


def test_nothing_is_told_as_nothing(tmp_path: Path) -> None:
    """In one sentence."""
    assert "No attack found." in said(tmp_path, "Feb 28 09:27:37 nap1 kernel: eth0: link up\n")


def test_what_could_not_be_read_is_no_verdict(tmp_path: Path) -> None:
    """A file that is not there has neither an attack in it nor none."""
    page = io.StringIO()
    absent = account_of(read_input(str(tmp_path / "nosuch"), Options(year=2004)))
    show(absent, Console(file=page, width=120))

    assert "Nothing could be read." in page.getvalue()
    assert "No attack found" not in page.getvalue()


def test_forged_text_stays_text(tmp_path: Path) -> None:
    """Neither escapes nor markup reach the terminal."""
    page = said(tmp_path, "Feb 28 09:27:37 h x: \x1b[2J[red]drop open request from y/1\n")
    assert "\x1b[2J" not in page
    assert "[red]" in page


def test_sparks_show_peaks() -> None:
    """A peak is never averaged away."""
    assert spark([0, 1, 4, 8]) == " ▁▄█"
    assert "█" in spark([0.0] * 500 + [9.0] + [0.0] * 500)
    assert spark([]) == ""
