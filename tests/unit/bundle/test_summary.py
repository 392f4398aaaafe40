"""The summary in plain text."""

from dataclasses import replace
from pathlib import Path

from floodwall.bundle.summary import fingerprints, summary
from tests.support.cases import ABUSER, ABUSER6, EVIL, case_in, material_of, write_record


def nowhere(_: object) -> tuple[str, str]:
    """Know no place."""
    return "", ""


def test_it_holds_what_a_form_asks_for(tmp_path: Path) -> None:
    """Times, victim, rates, sources by network, fingerprints, and why only those."""
    made = material_of(case_in(write_record(tmp_path)))
    text = summary(made, lambda _: ("XX", "AS64500 Example")).decode()

    for part in (
        "INCIDENT I1: a SYN flood from forged and real addresses",
        "Times are UTC.",
        "victim      192.0.2.80, TCP port 80",
        "PROVEN SOURCES ABOVE A LIMIT: 2",
        "198.51.100.0/24  1 source  XX AS64500 Example",
        f"{ABUSER}  since 2027-01-15T08:00:05Z: 900 connections open, more than 300",
        ABUSER6,
        "NAMED AND NOT ACCUSED: 3",
        "Accused is only who proved to be real.",
        "none on record: they need a capture",
    ):
        assert part in text
    assert "203.0.113.5" not in text
    assert all(len(line) <= 90 for line in text.splitlines())


def test_nothing_in_it_steers_a_terminal(tmp_path: Path) -> None:
    """Nor makes a line of its own."""
    case = case_in(write_record(tmp_path, evil=True))
    incident = replace(case.incident, service=f"*:80 {EVIL}")
    made = replace(material_of(replace(case, incident=incident)), notes=(EVIL,))
    text = summary(made, nowhere).decode()

    assert "\x1b" not in text
    assert "\nBcc" not in text
    assert fingerprints(made) == []


def test_many_sources_of_a_network_are_cut(tmp_path: Path) -> None:
    """The table has them all."""
    made = material_of(case_in(write_record(tmp_path)))
    many = replace(made, sources=[made.accused[0]] * 30)

    assert "and 10 more in sources.csv" in summary(many, nowhere).decode()
