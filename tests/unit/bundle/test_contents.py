"""All files of a bundle."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from floodwall.bundle import contents as module
from floodwall.bundle.capture import Captured
from floodwall.bundle.contents import SUMS, contents
from floodwall.bundle.telling import Material
from floodwall.core.settings_report import ReportPolicy
from floodwall.forensics.account import Account
from floodwall.forensics.partial import Packets
from tests.support.cases import ABUSER, REPORTER, case_in, material_of, write_record

ALWAYS = {
    "report.html",
    "summary.txt",
    "incident.json",
    "series.csv",
    "verdicts.csv",
    "decisions.csv",
    "events.csv",
    "sources.csv",
    SUMS,
}


@pytest.fixture
def made(tmp_path: Path) -> Material:
    """Keep a flood with two abusers."""
    return material_of(case_in(write_record(tmp_path)))


def files(made: Material, reporter: ReportPolicy = REPORTER) -> tuple[dict[str, bytes], Material]:
    """Make the files without places."""
    return contents(made, reporter, lambda _: ("", ""))


def test_reports_are_made_about_the_accused_and_nobody_else(made: Material) -> None:
    """One report and one letter each, by names that every file system takes."""
    found, told = files(made)

    assert set(found) - ALWAYS == {
        f"xarf/{ABUSER}.json",
        f"letters/{ABUSER}.eml",
        "xarf/2001-db8-1--7.json",
        "letters/2001-db8-1--7.eml",
    }
    assert told.notes == ()


def test_every_file_has_its_sum(made: Material) -> None:
    """As sha256sum reads them."""
    found, _ = files(made)
    lines = found[SUMS].decode().splitlines()

    assert lines == [
        f"{hashlib.sha256(found[name]).hexdigest()}  {name}" for name in sorted(set(found) - {SUMS})
    ]


def test_the_same_incident_gives_the_same_bytes(made: Material) -> None:
    """Whenever it is made."""
    assert files(made)[0] == files(made)[0]


def test_nobody_complains_in_the_name_of_nobody(made: Material) -> None:
    """Without a reporter there are neither, and that is said on the page too."""
    found, told = files(made, ReportPolicy(organisation="Example"))

    assert set(found) == ALWAYS
    assert "report.contact are not set" in told.notes[0]
    assert b"report.contact are not set" in found["report.html"]
    assert (
        told.notes[0].split()
        == found["summary.txt"].decode().split("Note: ")[1].split(".\n")[0].split()
    )


def test_what_a_desk_would_refuse_is_not_written(made: Material) -> None:
    """A record of an older version has no port."""
    source = replace(
        made.accused[0], decisions=[replace(made.accused[0].decisions[0], evidence=())]
    )
    found, told = files(replace(made, sources=[source]))

    assert set(found) == ALWAYS
    assert told.notes == (f"no X-ARF report about {ABUSER}: source_port is missing",)


def test_very_many_accused_do_not_fill_the_disk(
    made: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worst are reported, and it is said that they are not all."""
    monkeypatch.setattr(module, "LETTERS_MAX", 1)
    found, told = files(made)

    assert len(found) == len(ALWAYS) + 2
    assert told.notes == ("X-ARF reports about 1 of 2 sources, the worst",)


def test_a_sample_is_among_them_where_there_is_one(made: Material) -> None:
    """And no empty file where there is none."""
    taken = Captured(Account((), (), (), Packets()), 0.0, 1.0, 1, b"capture")

    assert files(replace(made, captured=taken))[0]["sample.pcap"] == b"capture"
    assert "sample.pcap" not in files(replace(made, captured=replace(taken, sample=b"")))[0]


def test_a_program_gets_everything(made: Material) -> None:
    """As one object."""
    told = json.loads(files(made)[0]["incident.json"])

    assert told["schema"] == "floodwall.report/1"
    assert told["victim"] == {"addresses": ["192.0.2.80"], "port": 80}
    assert len(told["series"]) == 41
    assert [one["accused"] for one in told["sources"]] == [True, True, False, False, False]


def test_rows_that_were_cut_are_told(made: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    """More may be on record than a bundle takes."""
    monkeypatch.setattr("floodwall.bundle.case.ROWS_MAX", 2)

    assert "more than 100,000 rows of a kind" in files(made)[1].notes[0]
