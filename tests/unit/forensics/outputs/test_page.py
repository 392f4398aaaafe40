"""The account as a page."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from floodwall.forensics.account import Account, account_of
from floodwall.forensics.evidence import Format, Input
from floodwall.forensics.finding import Hint, Kind, Talker
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.outputs.page import page
from floodwall.forensics.partial import Packets
from tests.support.evidence import account_of_rows, flood_rows, golden_log

EMPTY = {"meta", "path", "rect", "br"}
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "h1",
    "h2", "p", "small", "dl", "dt", "dd", "figure", "figcaption", "svg", "desc", "path", "rect",
    "text", "details", "summary", "div", "table", "caption", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
POISON = '<script>alert(1)</script><img src=x onerror="1">\x1b[2J\u202e\'"&'


class Reader(HTMLParser):
    """Reads a page, and checks that what is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.ids: list[str] = []
        self.levels: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag without content."""
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.handle_endtag(tag)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag."""
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag in ("h1", "h2", "h3"):
            self.levels.append(tag)
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Take the end of a tag."""
        if tag == "rect":
            return
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Take text."""
        self.text.append(data)


@pytest.fixture
def golden(tmp_path: Path) -> Account:
    """Return the account of a log of a flood."""
    file = tmp_path / "kern.log"
    file.write_text(golden_log().text)
    return account_of(read_input(str(file), Options(year=2004)))


def test_a_log_becomes_a_page(golden: Account) -> None:
    """With charts, tables and the same words as in a terminal."""
    made = Reader(page(golden))
    told = " ".join(made.text)
    for words in ("SYN flood", "1 h 53 min 47 s", "572 different addresses", "naive reading"):
        assert words in told
    assert "Requests a second over time" in told
    assert "Requests by part of 0.0.0.0/0" in told
    assert "Requests by source port" in told


def test_a_capture_shows_forms_of_syn() -> None:
    """And prefixes and TTLs."""
    told = " ".join(Reader(page(account_of_rows(flood_rows(500)))).text)
    for words in ("Fingerprints: forms of SYN", "Prefixes with most requests", "TTL as it was"):
        assert words in told


def test_nothing_is_loaded_and_nothing_runs(golden: Account) -> None:
    """No element that could, no address of another machine, and the browser is told so."""
    text = page(golden)
    made = Reader(text)
    assert made.tags <= ALLOWED
    assert made.names.isdisjoint({"src", "href", "srcset", "action", "style"})
    assert not any(name.startswith("on") for name in made.names)
    assert "://" not in text
    assert "default-src 'none'" in text


def test_names_are_unique_and_headings_in_order(golden: Account) -> None:
    """As those need who hear a page; also with several findings."""
    twice = replace(golden, findings=golden.findings * 2)
    made = Reader(page(twice))
    assert len(made.ids) == len(set(made.ids))
    assert made.levels[0] == "h1"
    assert set(made.levels[1:]) == {"h2"}
    assert '<html lang="en">' in page(twice)


def test_hostile_text_stays_text(golden: Account) -> None:
    """Wherever a file can put words on the page."""
    (finding,) = golden.findings
    talker = Talker(POISON, 1, country=POISON, network=POISON)
    sources = replace(finding.sources, top=(talker,), endpoints=(talker,), prefixes=(talker,))
    hostile = Account(
        (replace(finding, sources=sources, notes=(POISON,)),),
        (Hint(POISON, 1, POISON, details=(POISON,)),),
        (Input(POISON, Format.LOG, 1, (POISON,), (POISON,)),),
        Packets(),
    )
    text = page(hostile)
    made = Reader(text)
    assert made.tags <= ALLOWED
    assert not made.names & {"src", "onerror"}
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "<script>alert(1)</script>" in "".join(made.text)


def test_nothing_found_is_a_page_too() -> None:
    """That says so."""
    assert "No attack found" in " ".join(Reader(page(Account((), (), (), Packets()))).text)


def test_very_many_findings_do_not_fill_the_disk() -> None:
    """The page stops, and says how many more there are."""
    (finding,) = account_of_rows(flood_rows(200)).findings
    many = Account((finding,) * 150, (), (), Packets())
    text = page(many)
    assert "50 more findings" in text
    assert finding.kind is Kind.SYN_FLOOD


def test_the_same_account_makes_the_same_page(golden: Account) -> None:
    """No clock and no chance in it."""
    assert page(golden) == page(golden)


def test_a_list_in_which_nobody_stands_out_is_folded() -> None:
    """A source of its own for each request says nothing of any of them."""
    folded = "Sources with most requests: None stands out: none of them sent more than 1."
    rows = flood_rows(500)
    louder = [(row[0], rows[0][1], *row[2:]) for row in rows[:100]] + rows[100:]

    assert folded in " ".join(Reader(page(account_of_rows(rows))).text)
    told = " ".join(Reader(page(account_of_rows(louder))).text)
    assert "Sources with most requests: None" not in told
    assert "20.0%" in told
