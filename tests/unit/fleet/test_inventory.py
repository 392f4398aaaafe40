"""Any of four forms is told by its first words, and hosts are chosen of it."""

from pathlib import Path

import pytest

from floodwall.core.errors import ConfigError
from floodwall.fleet.inventory import LARGEST_BYTES, choose, named, read_inventory


def write(here: Path, text: str, name: str = "hosts") -> Path:
    """Write an inventory."""
    path = here / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hosts", "a\nb\n"),
        ("hosts", "\ufeff# list\r\na\r\nb\r\n"),
        ("hosts", "[web]\na\nb\n"),
        ("hosts", "a:22\nb\n"),
        ("hosts", "all:\n  hosts:\n    a:\n    b:\n"),
        ("hosts.yaml", "# x\n---\nall:\n  hosts: {a: , b: }\n"),
        ("config", "# mine\nHost a b\n  User root\n"),
        ("config", "Include nowhere\nHost a\nHost b c*\n"),
    ],
)
def test_the_form_is_known_by_its_beginning(tmp_path: Path, name: str, text: str) -> None:
    """List, INI, YAML, or the configuration of ssh."""
    found = read_inventory(write(tmp_path, text, name), tmp_path)
    assert [host.address for host in found.hosts] == ["a", "b"]


def test_names_groups_and_patterns_choose(tmp_path: Path) -> None:
    """In the order of the inventory; what chooses nothing is an error."""
    found = read_inventory(write(tmp_path, "[db]\nd1\nd2\n[web]\nw1\nw2\n"), tmp_path)
    assert [host.name for host in choose(found, ["w*", "d1"])] == ["d1", "w1", "w2"]
    assert [host.name for host in choose(found, ["db"])] == ["d1", "d2"]
    assert len(choose(found, [])) == 4
    with pytest.raises(ConfigError, match="w3"):
        choose(found, ["w1", "w3"])


def test_patterns_stand_for_names_of_ssh(tmp_path: Path) -> None:
    """Others are taken as they are, each once."""
    config = write(tmp_path, "Host web1 web2 db1\n", "config")
    hosts = named(["web?", "root@x", "web1"], config, tmp_path)
    assert [host.name for host in hosts] == ["web1", "web2", "root@x"]
    with pytest.raises(ConfigError, match="none of the 3 hosts"):
        named(["mail*"], config, tmp_path)


def test_what_cannot_be_read_or_would_have_to_be_run_is_refused(tmp_path: Path) -> None:
    """Dynamic inventories are programs."""
    with pytest.raises(ConfigError, match="is a program"):
        read_inventory(write(tmp_path, "#!/bin/sh\n"), tmp_path)
    with pytest.raises(ConfigError, match="no such file"):
        read_inventory(tmp_path / "none", tmp_path)
    with pytest.raises(ConfigError, match="too large"):
        read_inventory(write(tmp_path, "a" * (LARGEST_BYTES + 1)), tmp_path)
