"""The page."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from floodwall.bundle.page import page, short
from floodwall.bundle.telling import Material
from tests.support.cases import ABUSER, EVIL, case_in, material_of, write_record

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Checker(HTMLParser):
    """Sees whether every element that is opened is closed, and which there are."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        self.seen.add(tag)
        assert not any(name.startswith("on") or name in {"src", "href"} for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element: the one that was opened last."""
        assert self.open.pop() == tag


def shown(made: Material) -> str:
    """Return the page."""
    return page(made, lambda _: ("XX", "AS64500 <b>")).decode()


def checked(text: str) -> Checker:
    """Parse a page to its end."""
    checker = Checker()
    checker.feed(text)
    assert checker.open == []
    return checker


def test_it_tells_the_incident(tmp_path: Path) -> None:
    """What happened, who is accused and who is not, what it was called, what was done."""
    text = shown(material_of(case_in(write_record(tmp_path))))

    for part in (
        "<h1>Incident I1: a SYN flood from forged and real addresses</h1>",
        'class="attack"',
        "SYNs a second</figcaption>",
        "Accused is only who proved to be real.",
        f"<td>{ABUSER}</td>",
        "Named, and not accused",
        "a SYN can be forged, in the name of clients too",
        "What it was called",
        "limits.concurrent, floodwall",
        "AS64500 &lt;b&gt;",
    ):
        assert part in text


def test_it_is_one_whole_file(tmp_path: Path) -> None:
    """Nothing is loaded, nothing runs, everything is closed."""
    seen = checked(shown(material_of(case_in(write_record(tmp_path))))).seen

    assert {"svg", "table", "style"} <= seen
    assert not {"script", "iframe", "img", "link", "form"} & seen


def test_hostile_words_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    """Wherever they stand."""
    case = case_in(write_record(tmp_path, evil=True))
    incident = replace(case.incident, service=f"*:80 {EVIL}", kind=EVIL)
    made = replace(material_of(replace(case, incident=incident)), notes=(EVIL,))
    text = shown(made)

    assert "script" not in checked(text).seen
    assert "&lt;script&gt;" in text
    assert "\x1b" not in text


def test_an_empty_case_is_a_page_too(tmp_path: Path) -> None:
    """It says that nobody is accused."""
    case = case_in(write_record(tmp_path))
    bare = replace(case, verdicts=(), decisions=(), series=(), words=())
    text = shown(material_of(bare))

    checked(text)
    assert "nobody is accused" in text
    assert "Second by second" not in text
    assert "What was done" not in text


def test_very_much_is_cut_and_told(tmp_path: Path) -> None:
    """The tables hold the rest."""
    case = case_in(write_record(tmp_path))
    text = shown(material_of(replace(case, decisions=list(case.decisions) * 100)))

    assert "<p>200 more are in the CSV.</p>" in text


def test_places_have_columns_only_where_they_are_known(tmp_path: Path) -> None:
    """A file of the operator's tells them, or nobody."""
    made = material_of(case_in(write_record(tmp_path)))

    assert '<th scope="col">operator</th>' in shown(made)
    assert '<th scope="col">operator</th>' not in page(made, lambda _: ("", "")).decode()


def test_times_are_short() -> None:
    """One that is none is shown as it is."""
    assert short("2027-01-15T08:00:05.123+00:00") == "2027-01-15 08:00:05 UTC"
    assert (short(""), short("9 s after 1970")) == ("", "9 s after 1970")
