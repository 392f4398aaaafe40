"""Files, plain and compressed."""

import gzip
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from floodwall.core.errors import ConfigError
from floodwall.forensics.read import opening
from floodwall.forensics.read.opening import opened, tail_of


def test_the_head_is_not_taken(tmp_path: Path) -> None:
    """It is read again."""
    file = tmp_path / "log"
    file.write_bytes(b"abc" * 50_000)
    with opened(str(file)) as source:
        assert source.head().startswith(b"abcabc")
        assert b"".join(source.blocks(1_000)) == b"abc" * 50_000
        assert source.progress == (150_000, 150_000)


def test_a_bomb_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What grows beyond all proportion is stopped and told."""
    monkeypatch.setattr(opening, "_FREE_BYTES", 1 << 20)
    file = tmp_path / "bomb.gz"
    file.write_bytes(gzip.compress(bytes(40 << 20)))
    with opened(str(file)) as source:
        taken = sum(map(len, source.blocks(1 << 20)))
    assert taken < file.stat().st_size * 300
    assert ["bomb" in error for error in source.errors] == [True]


def test_a_broken_archive_gives_what_it_can(tmp_path: Path) -> None:
    """And one error."""
    file = tmp_path / "broken.gz"
    packed = bytearray(gzip.compress(b"line\n" * 10))
    packed[-8:-4] = (zlib.crc32(b"") + 1).to_bytes(4, "little")
    file.write_bytes(packed)
    with opened(str(file)) as source:
        b"".join(source.blocks(4_096))
    assert len(source.errors) == 1


@pytest.mark.skipif(shutil.which("zstd") is None, reason="no zstd command")
def test_zstd_is_read(tmp_path: Path) -> None:
    """By the package, or by the command."""
    file = tmp_path / "log"
    file.write_bytes(b"abc" * 50_000)
    subprocess.run(["zstd", "-q", str(file)], check=True)
    with opened(f"{file}.zst") as source:
        assert b"".join(source.blocks(1_000)) == b"abc" * 50_000
    assert source.errors == []


def test_a_folder_is_refused_with_a_way_out(tmp_path: Path) -> None:
    """A hint stands beside the reason."""
    with pytest.raises(ConfigError, match="is a directory") as refused, opened(str(tmp_path)):
        pass
    assert refused.value.hint


def test_the_tail_is_short(tmp_path: Path) -> None:
    """However long the file."""
    file = tmp_path / "log"
    file.write_bytes(b"0123456789")
    assert tail_of(str(file), 4) == b"6789"
    assert tail_of(str(file), 40) == b"0123456789"
