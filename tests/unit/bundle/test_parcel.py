"""How a bundle gets to its place."""

import zipfile
from pathlib import Path

import pytest

from floodwall.bundle.contents import SUMS, sums
from floodwall.bundle.parcel import deliver
from floodwall.core.errors import ConfigError

AT = 1_800_000_000.0


def bundle(text: bytes = b"one") -> dict[str, bytes]:
    """Return files with their sums."""
    files = {"summary.txt": text, "xarf/192.0.2.1.json": b"{}"}
    return {**files, SUMS: sums(files)}


def content(folder: Path) -> dict[str, bytes]:
    """Return what is in a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Addresses of people are in it."""
    deliver(bundle(), tmp_path / "out", AT, force=False)

    assert content(tmp_path / "out") == bundle()
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "out").rglob("*")} == {0}
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_an_archive_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    """Its times are those of the incident, and nothing is compressed."""
    for name in ("a.zip", "b.ZIP"):
        deliver(bundle(), tmp_path / name, AT, force=False)

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.ZIP").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == bundle()
        assert archive.infolist()[0].date_time == (2027, 1, 15, 8, 0, 0)


@pytest.mark.parametrize("at", [None, 0.0, 1e18])
def test_a_time_that_no_archive_takes_does_no_harm(tmp_path: Path, at: float | None) -> None:
    """The earliest stands for it."""
    deliver(bundle(), tmp_path / "a.zip", at, force=False)

    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_bundle_is_replaced_only_by_force(tmp_path: Path, name: str) -> None:
    """And then as a whole."""
    place = tmp_path / name
    deliver(bundle(), place, AT, force=False)
    before = content(tmp_path)
    with pytest.raises(ConfigError, match="is there already"):
        deliver(bundle(b"two"), place, AT, force=False)
    assert content(tmp_path) == before
    deliver({SUMS: sums({})}, place, AT, force=True)

    assert content(tmp_path) != before
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_nothing_but_a_bundle_is_replaced(tmp_path: Path, name: str) -> None:
    """Not a folder with something of somebody's in it, nor another file, nor a link."""
    place = tmp_path / name
    if name == "out":
        deliver(bundle(), place, AT, force=False)
        (place / "notes.txt").write_text("mine")
    else:
        place.write_text("no archive")
    link = tmp_path / f"link{place.suffix}"
    link.symlink_to(place)
    before = content(tmp_path)
    for target in (place, link):
        with pytest.raises(ConfigError, match="no bundle of ours"):
            deliver(bundle(b"two"), target, AT, force=True)

    assert content(tmp_path) == before
    assert link.is_symlink()


def test_an_archive_of_others_is_not_replaced(tmp_path: Path) -> None:
    """Even if it is whole."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("holiday.jpg", "x")
    with pytest.raises(ConfigError, match="no bundle of ours"):
        deliver(bundle(), tmp_path / "a.zip", AT, force=True)


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """And what was there stays."""
    deliver(bundle(), tmp_path / name, AT, force=False)
    before = content(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ConfigError, match="no space left on device"):
        deliver(bundle(b"two"), tmp_path / name, AT, force=True)

    assert content(tmp_path) == before
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_folder_that_cannot_be_moved_in_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old bundle is never lost."""
    deliver(bundle(), tmp_path / "out", AT, force=False)
    moves = []
    rename = Path.rename

    def refuse_second(self: Path, target: Path) -> Path:
        moves.append(target)
        if len(moves) == 2:
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_second)
    with pytest.raises(ConfigError, match="input/output error"):
        deliver(bundle(b"two"), tmp_path / "out", AT, force=True)

    assert content(tmp_path / "out") == bundle()
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_a_place_without_a_directory_is_told(tmp_path: Path) -> None:
    """Before anything is written."""
    with pytest.raises(ConfigError, match="there is no such directory"):
        deliver(bundle(), tmp_path / "gone" / "out", AT, force=False)
