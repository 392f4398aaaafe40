"""What belongs to an incident."""

from dataclasses import replace
from pathlib import Path

from floodwall.bundle.case import ROWS_MAX, case_of, seconds_of, told
from floodwall.store.history import History
from floodwall.store.moment import Anchor
from tests.support.cases import ABUSER, case_in, free, write_record
from tests.support.records import moment


def test_everything_comes_in_the_order_in_which_it_happened(tmp_path: Path) -> None:
    """And nothing of another incident."""
    case = case_in(write_record(tmp_path))

    for rows in (case.verdicts, case.decisions, case.events, case.series):
        assert [row.at for row in rows] == sorted(row.at for row in rows)
    assert [row.act for row in case.decisions] == [
        "open_incident",
        *["ban"] * 5,
        "close_incident",
    ]
    assert case.series[0].tick == 0
    assert not case.cut


def test_nothing_depends_on_when_one_looks(tmp_path: Path) -> None:
    """Not even how long an incident goes on."""
    path = write_record(tmp_path, closed=False)
    seen = []
    for hours in (1, 9):
        with History.of(path, Anchor("boot", moment(hours * 3600))) as history:
            seen.append(case_of(history, 1))

    assert seen[0] == seen[1]
    assert seen[0] is not None
    assert seen[0].incident.lasted_s is None


def test_the_words_of_operators_since_belong_to_it(tmp_path: Path) -> None:
    """Whenever they were said."""
    path = write_record(tmp_path)
    assert case_in(path).words == []
    free(tmp_path, ABUSER)

    assert [row.network for row in case_in(path).words] == [f"{ABUSER}/32"]


def test_an_unknown_incident_is_none(tmp_path: Path) -> None:
    """Not an empty one."""
    with History.of(write_record(tmp_path), Anchor("boot", moment())) as history:
        assert case_of(history, 7) is None


def test_what_was_cut_is_told(tmp_path: Path) -> None:
    """A record may hold more than a bundle takes."""
    case = case_in(write_record(tmp_path))

    assert replace(case, events=list(case.events) * ROWS_MAX).cut


def test_a_time_that_is_none_is_none() -> None:
    """A clock beyond the year 9999 is written as it counts."""
    assert seconds_of("1970-01-01T00:01:00.000+00:00") == 60
    assert seconds_of("12345678901234 s after 1970") is None


def test_evidence_is_told_with_its_limit() -> None:
    """Where there is one."""
    assert told({"name": "open", "value": 9, "limit": 3, "text": "9 open"}) == (
        "open 9, limit 3: 9 open"
    )
    assert told({"name": "port", "value": 7}) == "port 7"
    assert told({}) == " ?"
