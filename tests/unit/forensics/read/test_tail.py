"""The end of a log that grows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from floodwall.forensics.read.tail import LONGEST_BYTES, Tail


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the name of a log with one line."""
    file = tmp_path / "kern.log"
    file.write_bytes(b"one\n")
    return file


@pytest.fixture
def tail(log: Path) -> Iterator[Tail]:
    """Follow the log, whose first line is read."""
    found = Tail(str(log))
    assert found.read() == b"one\n"
    yield found
    found.close()


def add(file: Path, text: bytes) -> None:
    """Append to a file."""
    with file.open("ab") as end:
        end.write(text)


def test_what_is_added_is_read_once(log: Path, tail: Tail) -> None:
    """In whole lines only."""
    assert tail.read() == b""
    add(log, b"two\nthr")
    assert tail.read() == b"two\n"
    assert tail.read() == b""
    add(log, b"ee\n")
    assert tail.read() == b"three\n"


def test_a_rotation_loses_no_line(log: Path, tail: Tail) -> None:
    """Also not those that go to the old file until its writer notices."""
    log.rename(log.with_suffix(".1"))
    assert tail.read() == b""
    add(log, b"new\n")
    add(log.with_suffix(".1"), b"late\n")
    read = [tail.read() for _ in range(4)]
    assert b"".join(read) == b"late\nnew\n"
    assert tail.rotations == 1


def test_the_last_words_of_an_old_file_are_a_line(log: Path, tail: Tail) -> None:
    """They do not run into the first line of the new one."""
    add(log, b"cut")
    assert tail.read() == b""
    log.rename(log.with_suffix(".1"))
    add(log, b"new\n")
    assert b"".join(tail.read() for _ in range(4)) == b"cut\nnew\n"


def test_a_truncated_file_is_read_from_its_beginning(log: Path, tail: Tail) -> None:
    """As logrotate does with copytruncate."""
    add(log, b"two\n")
    assert tail.read() == b"two\n"
    log.write_bytes(b"a\n")
    assert tail.read() == b"a\n"
    assert tail.rotations == 1


def test_a_file_may_be_away_for_a_while(log: Path, tail: Tail) -> None:
    """It is read when it comes."""
    log.unlink()
    assert [tail.read() for _ in range(3)] == [b"", b"", b""]
    log.write_bytes(b"back\n")
    assert b"".join(tail.read() for _ in range(3)) == b"back\n"


def test_a_file_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    """Without an error."""
    tail = Tail(str(tmp_path / "later"))
    assert tail.read() == b""
    (tmp_path / "later").write_bytes(b"x\n")
    assert tail.read() == b"x\n"
    tail.close()


def test_an_endless_line_is_cut(log: Path, tail: Tail) -> None:
    """It cannot fill the memory, and the line behind it is read."""
    for _ in range(4):
        add(log, b"x" * LONGEST_BYTES)
    first = tail.read()
    assert first == b"x" * LONGEST_BYTES + b"\n"
    for _ in range(3):
        add(log, b"y" * LONGEST_BYTES)
        assert tail.read() == b""
    add(log, b"y\nnext\n")
    assert tail.read() == b"next\n"
