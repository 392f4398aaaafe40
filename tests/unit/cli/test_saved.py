"""What becomes of confirmed settings."""

from pathlib import Path

from floodwall.cli.saved import save


def test_the_daemon_has_written_them(tmp_path: Path) -> None:
    """Nothing is left to do."""
    file = tmp_path / "floodwall.toml"

    assert save({"file": str(file), "trouble": ""}, "text") == f"written to {file}"
    assert not file.exists()


def test_it_could_not_and_we_can(tmp_path: Path) -> None:
    """As from inside of a sandbox."""
    file = tmp_path / "floodwall.toml"
    answer = {"file": str(file), "trouble": "Read-only file system"}

    assert save(answer, "text") == f"written to {file}"
    assert file.read_text() == "text"
    assert answer["trouble"] == ""


def test_nobody_can(tmp_path: Path) -> None:
    """The operator must know."""
    answer = {"file": str(tmp_path / "none" / "x.toml"), "trouble": "Read-only file system"}

    assert "holds until the daemon ends: cannot write" in save(answer, "text")
    assert answer["trouble"]
