"""Names are found in ssh's configuration as ssh would find them."""

from pathlib import Path

from floodwall.fleet.ssh_config import configured_names


def test_names_without_wildcards_are_taken(tmp_path: Path) -> None:
    """Each once, from included files too, and from no pattern."""
    ssh = tmp_path / ".ssh"
    (ssh / "more.d").mkdir(parents=True)
    (ssh / "config").write_text(
        "# Host commented\n"
        "Host web1 web2 *.example.org !web9 -x\n"
        "  HostName 10.0.0.1\n"
        "host = db1\n"
        'Host="db 2" db3\n'
        "Include more.d/*\n"
        "Include ~/.ssh/tilde\n"
        "Include /nowhere/at/all\n"
        'Host "unfinished\n'
        "Match user root\n"
    )
    (ssh / "more.d/a").write_text("Host web1 inner\n")
    (ssh / "tilde").write_text("HOST tilde\n")
    assert configured_names(ssh / "config", tmp_path) == [
        "web1",
        "web2",
        "db1",
        "db3",
        "inner",
        "tilde",
    ]


def test_a_file_that_includes_itself_ends(tmp_path: Path) -> None:
    """As ssh, at sixteen."""
    config = tmp_path / "config"
    config.write_text(f"Host a\nInclude {config}\nInclude {config}\n")
    assert configured_names(config, tmp_path) == ["a"]


def test_no_file_has_no_names(tmp_path: Path) -> None:
    """It is not for us to complain."""
    assert configured_names(tmp_path / "none", tmp_path) == []
