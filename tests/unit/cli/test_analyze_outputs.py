"""The files that `floodwall analyze` writes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from floodwall.cli.main import main
from tests.support.evidence import golden_log, pcap
from tests.support.mmdb import mmdb
from tests.support.packets import TCP, Ethernet, IPv4


def run(*words: str | Path) -> Result:
    """Run the verb."""
    return CliRunner().invoke(main, ["analyze", "--year", "2004", *map(str, words)])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Write a log of a flood."""
    file = tmp_path / "kern.log"
    file.write_text(golden_log(seconds=600, addresses=30).text)
    return file


def test_a_page_is_written_beside_what_is_printed(log: Path, tmp_path: Path) -> None:
    """And the exit code stays that of the account."""
    target = tmp_path / "attack.html"
    answer = run(log, "--html", target)
    assert answer.exit_code == 1
    assert "SYN flood" in answer.stdout
    assert target.read_text().startswith("<!DOCTYPE html>")


def test_evidence_is_never_written_over(log: Path, tmp_path: Path) -> None:
    """By whatever name it goes."""
    other = tmp_path / "link.log"
    other.symlink_to(log)
    before = log.read_bytes()
    for target in (log, other):
        answer = run(log, "--html", target)
        assert answer.exit_code == 2
        assert "would be lost" in answer.stderr
    assert log.read_bytes() == before


def test_what_cannot_be_written_is_told(log: Path, tmp_path: Path) -> None:
    """Before the evidence is read, where that can be known."""
    answer = run(log, "--html", tmp_path / "gone" / "attack.html")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "there is no such directory" in answer.stderr
    assert "no space left" in run(log, "--html", "/dev/full").stderr


def test_all_sources_are_written(log: Path, tmp_path: Path) -> None:
    """One line each, and a head."""
    target = tmp_path / "sources.csv"
    assert run(log, "--csv", target).exit_code == 1
    assert len(target.read_text().splitlines()) == 31


def test_a_sample_of_frames_is_written(tmp_path: Path) -> None:
    """And an empty one is said to be."""
    capture, target = tmp_path / "a.pcap", tmp_path / "sample.pcap"
    frames = [
        (n / 500, bytes(Ethernet() / IPv4(f"203.0.0.{n % 256}") / TCP(1_024 + n, flags="S")))
        for n in range(300)
    ]
    capture.write_bytes(pcap(frames))
    assert run(capture, "--pcap-sample", target).exit_code == 1
    assert target.stat().st_size > 5_000
    capture.write_bytes(pcap(frames[:3]))
    answer = run(capture, "--pcap-sample", target)
    assert (answer.exit_code, target.stat().st_size) == (0, 24)
    assert "the sample is empty" in answer.stderr


def test_a_sample_needs_files(tmp_path: Path) -> None:
    """The standard input cannot be read twice."""
    answer = run("-", "--pcap-sample", tmp_path / "x.pcap")
    assert (answer.exit_code, "read once" in answer.stderr) == (2, True)


def test_sources_have_their_country_where_a_file_tells(log: Path, tmp_path: Path) -> None:
    """In what is printed and in what is written."""
    places, target = tmp_path / "country.mmdb", tmp_path / "sources.csv"
    places.write_bytes(mmdb({"0.0.0.0/1": {"country": {"iso_code": "DE"}}}))
    answer = run(log, "--mmdb", places, "--csv", target, "--json")
    made = json.loads(answer.stdout)
    assert {one["country"] for one in made["findings"][0]["sources"]["top"]} == {"DE"}
    assert target.read_text().count(",DE,") == 30
    assert run(log, "--mmdb", log).exit_code == 2
