"""Runtime value, value after the next boot, and who says so."""

from floodwall.audit.columns import columns, default_of
from floodwall.audit.facts import Release, Unread
from tests.support.audit import blind, line, lines, machine, sysctl

NAME = "net.core.somaxconn"


def test_a_file_beats_the_default() -> None:
    """And its place is told."""
    facts = lines(winners={NAME: line("somaxconn", "128")})(machine())
    row = next(each for each in columns(facts) if each.name == NAME)
    assert (row.runtime, row.after_boot, row.differs) == ("4096", "128", True)
    assert row.place == "/etc/sysctl.d/90-hardening.conf:3"


def test_without_a_file_the_kernels_default_comes_back() -> None:
    """What was set during an attack is gone then."""
    facts = sysctl({"tcp_syncookies": "0"})(lines()(machine()))
    row = next(each for each in columns(facts) if each.name == "net.ipv4.tcp_syncookies")
    assert (row.runtime, row.after_boot, row.place, row.differs) == ("0", "1", "", True)


def test_what_depends_on_the_machine_is_left_open() -> None:
    """tcp_max_syn_backlog is sized by memory."""
    row = next(each for each in columns(machine()) if each.name == "net.ipv4.tcp_max_syn_backlog")
    assert (row.after_boot, row.differs) == ("", False)


def test_defaults_are_those_of_the_kernel() -> None:
    """Somaxconn grew with 5.4."""
    assert default_of(NAME, Release(5, 4)) == "4096"
    assert default_of(NAME, Release(5, 3)) == "128"
    assert default_of(NAME, Unread("no")) == ""


def test_what_is_unread_has_no_row() -> None:
    """Nothing is shown for a value."""
    assert list(columns(blind())) == []
