"""A tree gives files below its root."""

from pathlib import Path

import pytest

from floodwall.audit.source import LARGEST_BYTES, Tree, sysctl_path


def test_files_names_and_links_are_below_the_root(tmp_path: Path) -> None:
    """So that harden and its tests can have an /etc of their own."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/b").write_text("words\n")
    (tmp_path / "etc/a").symlink_to("/dev/null")
    tree = Tree(tmp_path)
    assert tree.text("/etc/b") == "words\n"
    assert tree.names("/etc") == ["a", "b"]
    assert tree.link("/etc/a") == "/dev/null"
    with pytest.raises(FileNotFoundError):
        tree.text("/etc/c")


def test_no_file_is_read_without_end(tmp_path: Path) -> None:
    """Whoever may write to /etc/sysctl.d must not stop the audit."""
    (tmp_path / "long").write_bytes(b"x" * (LARGEST_BYTES + 1))
    assert len(Tree(tmp_path).text("/long")) == LARGEST_BYTES


def test_the_file_of_a_sysctl_of_a_tagged_interface() -> None:
    """Dots and slashes change places, as in sysctl(8)."""
    assert (
        sysctl_path("net.ipv4.conf.eth0/5.rp_filter") == "/proc/sys/net/ipv4/conf/eth0.5/rp_filter"
    )
