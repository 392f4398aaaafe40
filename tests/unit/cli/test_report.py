"""`floodwall report`."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from floodwall.cli.main import main
from tests.support.cases import ABUSER, ABUSER6, EVIL, frames, write_record
from tests.support.evidence import pcap
from tests.support.mmdb import mmdb
from tests.support.records import Diary


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep a flood with two abusers, and settings that say who reports."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "floodwall.toml").write_text(
        '[report]\norganisation = "Example"\ncontact = "noc@example.net"\n'
    )
    return write_record(tmp_path)


def ask(path: Path, *arguments: str) -> Result:
    """Run the verb on this record."""
    return CliRunner().invoke(main, ["report", "--record", str(path), *arguments])


def test_a_bundle_is_written_and_its_sums_are_right(path: Path) -> None:
    """Beside where one is, by the name of the incident."""
    answer = ask(path, "latest", "--config", "floodwall.toml")

    assert answer.exit_code == 0, answer.output
    lines = answer.stdout.splitlines()
    assert lines[0] == "I1: a SYN flood from forged and real addresses, *:80"
    assert lines[2] == "accused    2 proven sources; 2 X-ARF reports"
    place = path.parent / "floodwall-I1"
    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(check, cwd=place, check=False).returncode == 0


def test_without_a_reporter_nobody_is_reported(path: Path) -> None:
    """And that is told."""
    answer = ask(path, "I1", "--out", "b.zip")

    assert answer.exit_code == 0
    assert "0 X-ARF reports" in answer.stdout
    assert "not there  no X-ARF report and no letter: report.organisation" in answer.stdout
    assert "not there  no packets: the data plane keeps none" in answer.stdout


def test_an_older_bundle_is_kept(path: Path) -> None:
    """Unless it is said by force; then it has the same bytes."""
    assert ask(path, "I1", "--out", "b.zip").exit_code == 0
    before = Path("b.zip").read_bytes()
    answer = ask(path, "1", "--out", "b.zip")
    assert answer.exit_code == 2
    assert "is there already" in answer.stderr

    assert ask(path, "#1", "--out", "b.zip", "--force").exit_code == 0
    assert Path("b.zip").read_bytes() == before


def test_a_capture_and_a_file_of_networks_add_to_it(path: Path) -> None:
    """Fingerprints, packets, and whose the sources are."""
    Path("a.pcap").write_bytes(pcap(frames(5)))
    networks = {"198.51.100.0/24": {"autonomous_system_organization": "Example Carrier"}}
    Path("asn.mmdb").write_bytes(mmdb(networks))
    answer = ask(path, "I1", "--pcap", "a.pcap", "--mmdb", "asn.mmdb", "--out", "b")

    assert answer.exit_code == 0, answer.output
    assert "no packets" not in answer.stdout
    assert Path("b/sample.pcap").read_bytes()[:4] == b"\xd4\xc3\xb2\xa1"
    text = Path("b/summary.txt").read_text()
    assert "sampled frames" in text
    assert "x options" in text
    assert "Example Carrier" in text
    assert "Fingerprints: forms of SYN" in Path("b/report.html").read_text()


def test_a_program_is_told_all_of_it(path: Path) -> None:
    """Files with their sums, who is accused, who is not and why, and what is missing."""
    told = json.loads(ask(path, "I1", "--json", "--config", "floodwall.toml").stdout)

    assert told["accused"] == [ABUSER, ABUSER6]
    assert set(told["not_accused"]) == {"203.0.113.5/32", "203.0.113.0/24", "192.168.7.7/32"}
    assert len(told["files"]["report.html"]) == 64
    assert told["place"] == "floodwall-I1"


@pytest.mark.parametrize("name", ["I9", "nginx", "0", ""])
def test_one_that_is_not_there_is_refused(path: Path, name: str) -> None:
    """With the way to the list, and nothing is written."""
    answer = ask(path, name)

    assert answer.exit_code == 2
    assert "there is no incident" in answer.stderr
    assert not list(path.parent.glob("floodwall-*"))


def test_an_empty_record_has_no_latest(tmp_path: Path) -> None:
    """Nor a first."""
    diary = Diary(tmp_path)
    diary.second(1)
    diary.flush()

    assert "no incident is on record" in ask(tmp_path / "record.db", "latest").stderr


def test_hostile_words_of_the_record_do_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In no file of the bundle."""
    monkeypatch.chdir(tmp_path)
    answer = ask(write_record(tmp_path, evil=True), "latest")

    assert answer.exit_code == 0
    for file in Path("floodwall-I1").rglob("*"):
        if file.is_file() and file.suffix != ".json":
            assert "\x1b" not in file.read_text(), file
    assert "<script>" not in Path("floodwall-I1/report.html").read_text()
    assert json.loads(Path("floodwall-I1/incident.json").read_text())["opened_text"].endswith(EVIL)
