"""An operator's capture."""

from pathlib import Path

import pytest

from floodwall.bundle.capture import Captured, captured
from floodwall.bundle.figures import figures_of
from floodwall.bundle.telling import Material
from floodwall.core.errors import ConfigError
from floodwall.forensics.places import Places
from tests.support.cases import case_in, frames, material_of, write_record
from tests.support.evidence import pcap


@pytest.fixture
def made(tmp_path: Path) -> Material:
    """Keep a flood of 40 s at port 80."""
    return material_of(case_in(write_record(tmp_path)))


def cut(made: Material, content: bytes, folder: Path) -> Captured:
    """Read a capture for an incident."""
    file = folder / "attack.pcap"
    file.write_bytes(content)
    return captured(file, made.case, figures_of(made.case), made.victim, Places(()))


def test_it_is_cut_to_the_time_and_the_port_of_the_incident(made: Material, tmp_path: Path) -> None:
    """From half a minute before it to its end."""
    whole = [*frames(-3600), *frames(5), *frames(7, port=9999), *frames(3600)]
    found = cut(made, pcap(whole), tmp_path)

    (finding,) = found.account.findings
    assert finding.kind.value == "syn_flood"
    assert finding.requests.total == 600
    assert [victim.port for victim in finding.victims] == [80]
    assert 0 < found.frames <= 100
    assert len(found.sample) > 24
    assert found.window == "2027-01-15T07:59:31+00:00 to 2027-01-15T08:00:42+00:00"


def test_the_same_capture_gives_the_same_sample(made: Material, tmp_path: Path) -> None:
    """No frame is drawn by lot."""
    content = pcap(frames(5))

    assert cut(made, content, tmp_path).sample == cut(made, content, tmp_path).sample


def test_a_capture_of_another_time_is_refused(made: Material, tmp_path: Path) -> None:
    """An empty sample would look like evidence."""
    with pytest.raises(ConfigError, match=r"belongs to I1: no finding from .* at port 80"):
        cut(made, pcap(frames(3600)), tmp_path)


@pytest.mark.parametrize("content", [b"", b"no capture at all\n", b"\x89PNG\r\n\x1a\n" + bytes(99)])
def test_what_is_no_capture_is_refused(made: Material, tmp_path: Path, content: bytes) -> None:
    """With what it is."""
    with pytest.raises(ConfigError, match="is no capture"):
        cut(made, content, tmp_path)


def test_a_file_that_is_not_there_is_told(made: Material, tmp_path: Path) -> None:
    """By the same error."""
    with pytest.raises(ConfigError, match="is no capture: "):
        captured(tmp_path / "gone", made.case, figures_of(made.case), made.victim, Places(()))
