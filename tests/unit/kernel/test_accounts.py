"""Users and groups are read from files that anything may have damaged."""

from pathlib import Path

from floodwall.kernel.accounts import GROUP, PASSWD, read_accounts


def test_damaged_lines_are_passed_over(tmp_path: Path) -> None:
    """Too few fields, no number, a number that int() would not take, and no line at all."""
    path = tmp_path / "group"
    path.write_bytes("a:x:7:\nb:x\nc:x:many:\nd:x:\u00b2:\n\n:\ne:x:9:f,g\n\xff".encode())

    assert [fields[0] for fields in read_accounts(path)] == ["a", "e"]
    assert read_accounts(path, 5) == []


def test_a_file_that_is_not_there_has_nobody(tmp_path: Path) -> None:
    """And no error."""
    assert read_accounts(tmp_path / "none") == []


def test_this_machine_has_root() -> None:
    """In both files."""
    assert ["root", "0"] in [[each[0], each[2]] for each in read_accounts(PASSWD)]
    assert ["root", "0"] in [[each[0], each[2]] for each in read_accounts(GROUP)]
