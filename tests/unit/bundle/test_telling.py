"""The case in sentences."""

from dataclasses import replace
from pathlib import Path

from floodwall.bundle.figures import figures_of
from floodwall.bundle.telling import is_attack, sentences, title
from tests.support.cases import case_in, material_of, write_record


def test_it_says_what_happened_to_whom_and_whether_users_got_in(tmp_path: Path) -> None:
    """And what was done, and by whom it was."""
    told = dict(sentences(material_of(case_in(write_record(tmp_path)))))

    assert told["victim"] == "192.0.2.80, TCP port 80; service *:80"
    assert told["to"] == "2027-01-15T08:00:41.000+00:00  (40 s)"
    assert "90% sure; 99.0% of challenged SYNs unanswered" in told["attack"]
    assert told["SYNs"] == "peak 1,000 SYN/s, mean 1,000; about 41,000 SYNs in all"
    assert "36 of 40 seconds (90.0%)" in told["users"]
    assert told["done"] == "5 x ban"
    assert told["sources"].startswith("2 proven and above a limit of connections, 3 named")


def test_what_goes_on_has_no_end(tmp_path: Path) -> None:
    """But a last second."""
    told = dict(sentences(material_of(case_in(write_record(tmp_path, closed=False)))))

    assert told["to"].startswith("goes on; last seen 2027-01-15T08:00:40")


def test_what_is_not_on_record_is_said_to_be_missing(tmp_path: Path) -> None:
    """No series, no verdict, no source."""
    case = case_in(write_record(tmp_path))
    case = replace(case, verdicts=(), decisions=(), series=())
    made = replace(material_of(case), figures=figures_of(case))
    told = dict(sentences(made))

    assert told["rates"] == "none are on record"
    assert told["users"] == "not measured: no canary was sent"
    assert told["done"] == "nothing but looking on"
    assert told["sources"] == "no single source is on record: nobody is accused"
    assert told["attack"] == "a SYN flood from forged and real addresses"


def test_kinds_have_titles() -> None:
    """One of another version has its name."""
    assert title("spoofed_flood") == "a SYN flood from forged addresses"
    assert title("of_tomorrow") == "of_tomorrow"
    assert is_attack("mixed_flood")
    assert not is_attack("flash_crowd")
    assert not is_attack("of_tomorrow")
