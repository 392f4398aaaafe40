"""What the CPUs did."""

from pathlib import Path

import pytest

from floodwall.core.errors import KernelError
from floodwall.core.signs import CpuLoad
from floodwall.sense.cpu import CpuSensor, Spent, load, spent

BEFORE = """cpu  20 0 0 160 20 0 0 0 0 0
cpu0 10 0 0 80 10 0 0 0 5 0
cpu1 10 0 0 80 10 0 0 0 0 0
intr 1 2 3
"""
# CPU 0 spent its time in softirq, CPU 1 was idle or waited for a disk.
AFTER = BEFORE.replace("cpu0 10 0 0 80 10 0 0", "cpu0 20 0 0 80 10 0 90").replace(
    "cpu1 10 0 0 80 10", "cpu1 10 0 0 130 60"
)


def test_the_first_reading_has_nothing_to_compare_with(tmp_path: Path) -> None:
    """The second tells the shares of the time between."""
    stat = tmp_path / "stat"
    sensor = CpuSensor()
    stat.write_text(BEFORE)
    first = sensor.read(stat)
    stat.write_text(AFTER)

    assert first is None
    assert sensor.read(stat) == CpuLoad(busy=0.5, softirq=0.45, busiest_softirq=0.9)


def test_guests_are_not_counted_twice() -> None:
    """Their time is in `user` already, account_guest_time()."""
    assert spent(BEFORE) == {"cpu0": Spent(100, 90, 0), "cpu1": Spent(100, 90, 0)}


def test_a_cpu_may_come_and_go() -> None:
    """Only what was there both times is compared, and a counter that stepped back is no load."""
    before = {"cpu0": Spent(100, 50, 9), "cpu1": Spent(100, 50, 0)}
    after = {"cpu0": Spent(90, 40, 5), "cpu2": Spent(500, 0, 500)}

    assert load(before, after) is None
    assert load(before, {"cpu0": Spent(200, 40, 9)}) == CpuLoad(1.0, 0.0, 0.0)


def test_this_machine_tells() -> None:
    """Shares are shares."""
    sensor = CpuSensor()
    seen = None
    sensor.read()
    while seen is None:  # a tick of the kernel's clock, 10 ms
        seen = sensor.read()

    assert 0 <= seen.softirq <= seen.busy <= 1
    assert seen.softirq <= seen.busiest_softirq <= 1


def test_a_hidden_file_is_a_failure(tmp_path: Path) -> None:
    """It is told, not guessed."""
    with pytest.raises(KernelError, match="No such file"):
        CpuSensor().read(tmp_path / "stat")
