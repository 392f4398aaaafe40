"""Namespaces that nothing but a descriptor holds."""

import os
from pathlib import Path

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel.netns import current_inode
from floodwall.lab.namespace import Namespace

pytestmark = pytest.mark.root


def test_making_one_does_not_move_the_maker() -> None:
    """It is made in a thread that ends."""
    home = current_inode()
    made = Namespace.create("x")
    made.close()

    assert current_inode() == home != made.inode


def test_functions_and_commands_run_inside() -> None:
    """Both see the same namespace, and the caller is back afterwards."""
    home = current_inode()
    made = Namespace.create("x")
    try:
        inside = made.call(current_inode)
        shown = made.run(["stat", "-L", "-c", "%i", "/proc/self/ns/net"])
    finally:
        made.close()

    assert (inside, int(shown), current_inode()) == (made.inode, made.inode, home)


def test_a_failing_command_says_what_and_where() -> None:
    """With the tool's own words."""
    made = Namespace.create("the attic")
    try:
        with pytest.raises(KernelError, match=r"ip link show nothing failed in the attic: .*exist"):
            made.run(["ip", "link", "show", "nothing"])
    finally:
        made.close()


def test_a_sysctl_changes_inside_only() -> None:
    """The machine keeps its own."""
    outside = Path("/proc/sys/net/ipv4/ip_forward").read_text()
    made = Namespace.create("x")
    try:
        made.write_sysctl("ipv4.ip_forward", 1)
        inside = made.call(lambda: Path("/proc/sys/net/ipv4/ip_forward").read_text())
    finally:
        made.close()

    assert inside == "1\n"
    assert Path("/proc/sys/net/ipv4/ip_forward").read_text() == outside


def test_other_processes_reach_it_by_path() -> None:
    """As long as this one holds it."""
    made = Namespace.create("x")
    try:
        assert os.stat(made.path).st_ino == made.inode  # noqa: PTH116 # a path of /proc, not a file
    finally:
        made.close()
