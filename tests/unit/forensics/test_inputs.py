"""Inputs of any kind."""

import gzip
import lzma
import os
from pathlib import Path

import pytest

from floodwall.forensics.evidence import Format
from floodwall.forensics.inputs import Options, read_input

LINE = b"Feb 28 09:27:37 nap1 kernel: TCP: drop open request from 192.0.2.7/3755\n"


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_archives_are_read_like_files(pack: object, tmp_path: Path) -> None:
    """Whatever their names say."""
    file = tmp_path / "evidence"
    file.write_bytes(pack(LINE * 7))  # type: ignore[operator] # each takes bytes
    (found,) = read_input(str(file), Options(year=2004)).inputs
    assert (found.format, found.records, found.errors) == (Format.LOG, 7, ())


def test_a_cut_archive_tells_what_it_still_holds(tmp_path: Path) -> None:
    """And that it is cut."""
    file = tmp_path / "cut.gz"
    packed = gzip.compress(os.urandom(9_000).hex().encode() + b"\n" + LINE * 9)
    file.write_bytes(gzip.compress(LINE * 5)[:-9] + b"" if not packed else packed[:-12])
    (found,) = read_input(str(file), Options()).inputs
    assert any("cut short" in error for error in found.errors)


@pytest.mark.parametrize("name", ["missing", "folder", "pipe", "zero", "loop"])
def test_what_is_no_file_is_refused_at_once(name: str, tmp_path: Path) -> None:
    """With one clear sentence; nothing waits for a writer."""
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
    elif name == "pipe":
        os.mkfifo(path)
    elif name == "zero":
        path = Path("/dev/zero")
    elif name == "loop":
        path.symlink_to(path)
    (found,) = read_input(str(path), Options()).inputs
    assert len(found.errors) == 1
    assert found.records == 0
