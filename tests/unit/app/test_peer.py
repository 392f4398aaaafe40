"""Who is on the other side."""

import os
import socket
from pathlib import Path

from floodwall.app.peer import Peer, Role, identify, operators_group, role_of, viewers_group


def test_the_kernel_says_who_it_is() -> None:
    """Ourselves, over a pair of sockets."""
    one, other = socket.socketpair()
    with one, other:
        peer = identify(one, None)

    assert (peer.pid, peer.uid, peer.role) == (os.getpid(), os.geteuid(), Role.OPERATE)
    assert os.getegid() in peer.groups
    assert peer.who.startswith(f"uid {os.geteuid()}")
    assert peer.who.endswith(f", pid {os.getpid()}")


def test_roles() -> None:
    """Root and ourselves operate, the group looks, nobody else may anything."""
    stranger = os.geteuid() + 4711

    assert role_of(0, frozenset(), None) is Role.OPERATE
    assert role_of(os.geteuid(), frozenset(), None) is Role.OPERATE
    assert role_of(stranger, frozenset({5, 900}), 900) is Role.VIEW
    assert role_of(stranger, frozenset({5}), 900) is Role.NONE
    assert role_of(stranger, frozenset({0}), None) is Role.NONE


def test_the_group_is_found_in_the_file(tmp_path: Path) -> None:
    """Without asking a directory service; damaged lines are passed over."""
    file = tmp_path / "group"
    file.write_text("root:x:0:\nbroken\n:::\nfloodwall:x:987:alice,bob\n")

    assert viewers_group(file) == 987
    file.write_text("floodwallers:x:5:\n")
    assert viewers_group(file) is None
    assert viewers_group(tmp_path / "none") is None


def test_a_name_is_told_where_it_is_known() -> None:
    """As it is written into decisions."""
    assert Peer(7, 0, frozenset(), Role.OPERATE, "root").who == "uid 0 (root), pid 7"
    assert Peer(7, 55, frozenset(), Role.VIEW).who == "uid 55, pid 7"


def test_operators_are_found_and_may_operate(tmp_path: Path) -> None:
    """Being a viewer, too, takes nothing away."""
    file = tmp_path / "group"
    file.write_text("floodwall:x:987:\nfloodwall-operators:x:988:floodwall-console\n")
    stranger, operators = os.geteuid() + 4711, operators_group(file)

    assert operators == 988
    assert role_of(stranger, frozenset({988, 987}), 987, operators) is Role.OPERATE
    assert role_of(stranger, frozenset({987}), 987, operators) is Role.VIEW
    assert role_of(stranger, frozenset({988}), 987, None) is Role.NONE


def test_for_whom_a_peer_asks_is_written_before_itself() -> None:
    """Whoever reads the record sees both."""
    peer = Peer(7, 990, frozenset(), Role.OPERATE, "floodwall-console", behalf="anna")

    assert peer.who == "anna, by word of uid 990 (floodwall-console), pid 7"
