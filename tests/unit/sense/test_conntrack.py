"""Connection tracking."""

from pathlib import Path

import pytest

from floodwall.core.errors import KernelError, NotSupported
from floodwall.core.signs import Conntrack
from floodwall.kernel import sysctl
from floodwall.sense import conntrack
from floodwall.sense.conntrack import read_conntrack

STATISTICS = """entries  found insert insert_failed drop early_drop search_restart
000000ff 00000000 00000000 00000001 00000002 0000000a 00000000
000000ff 00000000 00000000 00000010 00000000 00000100 00000000
"""


@pytest.fixture
def tracked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a table be there, three quarters full."""
    numbers = {"net.netfilter.nf_conntrack_count": "75", "net.netfilter.nf_conntrack_max": "100"}
    monkeypatch.setattr(sysctl, "read", numbers.__getitem__)


@pytest.mark.usefixtures("tracked")
def test_the_cpus_are_added_up(tmp_path: Path) -> None:
    """Their counters are hexadecimal, and columns are found by name: kernels have other ones."""
    statistics = tmp_path / "nf_conntrack"
    statistics.write_text(STATISTICS)
    seen = read_conntrack(statistics)

    assert seen == Conntrack(75, 100, early_drops=0x10A, insert_failures=0x11, drops=2)
    assert seen.fill == 0.75


@pytest.mark.usefixtures("tracked")
def test_hidden_counters_are_a_failure(tmp_path: Path) -> None:
    """No early drops were seen is not the same as no early drops."""
    with pytest.raises(KernelError, match="No such file"):
        read_conntrack(tmp_path / "nf_conntrack")


def test_a_machine_may_track_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is no failure: there is nothing to see."""

    def missing(name: str) -> str:
        raise NotSupported(f"this kernel has no sysctl {name}", feature=name)

    monkeypatch.setattr(sysctl, "read", missing)

    assert read_conntrack() is None


def test_a_file_without_a_line_counts_nothing() -> None:
    """The kernel might write an empty one."""
    assert conntrack.add_up("") == {}
    assert conntrack.add_up("drop early_drop\n") == {}
