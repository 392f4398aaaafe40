"""Files of /proc become a tree, and what a shell printed becomes trees."""

import subprocess
from pathlib import Path

from floodwall.doctor.tree import FILES, SOCKETS, SS, read_tree, script, unpack_trees


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    """No file, no entry; no error."""
    (tmp_path / "net").mkdir()
    (tmp_path / "net/tcp").write_text("sl\n")
    (tmp_path / "uptime").write_text("1 2\n")

    assert read_tree(tmp_path) == {"net/tcp": "sl\n", "uptime": "1 2\n"}
    assert read_tree(tmp_path, sockets=False) == {"uptime": "1 2\n"}


def test_newer_kernels_are_asked_for_the_network_of_this_thread(tmp_path: Path) -> None:
    """Older ones have only that of the process."""
    for place, text in (("net", "process"), ("thread-self/net", "thread")):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "snmp").write_text(text)

    assert read_tree(tmp_path) == {"net/snmp": "thread"}


def test_a_shell_prints_what_is_read() -> None:
    """The script itself, on this machine: two looks, with all that a user may read."""
    done = subprocess.run(
        ["sh", "-c", script(0)], capture_output=True, text=True, check=True, timeout=20
    )
    trees = unpack_trees(done.stdout)

    assert len(trees) == 2
    for tree in trees:
        assert set(tree) - {SS} <= set(FILES)
        assert {"net/tcp", "net/netstat", "stat", "uptime"} <= set(tree)
        assert "TcpExt:" in tree["net/netstat"]


def test_a_name_again_begins_a_tree() -> None:
    """What stands before the first head, and an end that was cut off, are left out."""
    text = "Welcome\n==> a <==\n1\n\n==> b <==\n2\n3\n\n==> a <==\n4\n\n==> b"

    assert unpack_trees(text) == [{"a": "1\n", "b": "2\n3\n"}, {"a": "4\n"}]


def test_tables_of_sockets_are_among_the_files() -> None:
    """They are only left out where there is better."""
    assert set(SOCKETS) < set(FILES)
