"""Two attacks beside each other."""

import io
import json

from rich.console import Console

from floodwall.forensics.account import account_of
from floodwall.forensics.compare import Comparison, Side, compare
from floodwall.forensics.outputs.comparison import as_json, show
from floodwall.forensics.partial import Partial
from tests.support.evidence import flood_rows, segments


def comparison(name: str = "a.pcap", *, empty: bool = False) -> Comparison:
    """Compare a flood with half of it, or with nothing."""
    whole, half = Partial(), Partial()
    whole.add(segments(*flood_rows(400)))
    if not empty:
        half.add(segments(*flood_rows(200)))
    sides = [Side(path, account_of(one), one) for path, one in ((name, whole), ("b", half))]
    return compare(*sides)


def said(found: Comparison) -> str:
    """Return what is printed."""
    page = io.StringIO()
    show(found, Console(file=page, width=160))
    return page.getvalue()


def test_both_stand_beside_each_other() -> None:
    """With what they share, and what that means."""
    page = said(comparison())
    for words in ("a.pcap", "SYN flood", "400", "200", "50.0% (45.1% to 54.9%)", "both are called"):
        assert words in page


def test_unknown_is_said() -> None:
    """Where one side has nothing."""
    page = said(comparison(empty=True))
    assert "nothing found" in page
    assert "unknown" in page


def test_names_of_files_are_made_harmless() -> None:
    """They come from anywhere."""
    page = said(comparison("\x1b[2Ja[red].pcap"))
    assert "\x1b[2J" not in page
    assert "[red]" in page


def test_programs_get_both_accounts_and_all_aspects() -> None:
    """ASCII only, and no number that JSON lacks."""
    text = as_json(comparison())
    made = json.loads(text)
    assert text.isascii()
    assert made["schema"] == "floodwall.compare/1"
    assert made["a"]["account"]["verdict"] == made["b"]["account"]["verdict"] == "syn_flood"
    sources = made["aspects"][0]
    assert (sources["name"], sources["both"], sources["of_a"]["value"]) == ("sources", 200, 0.5)
    assert made["conclusions"]
