"""The inventory sees what a test leaves behind."""

import subprocess
import sys

import pytest

from tests.support import leaks


def test_a_process_left_behind_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its number and its name, until it has ended."""
    monkeypatch.setattr(leaks, "PATIENCE_SECONDS", 0.0)
    before = leaks.take_inventory(alone=False)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        left = leaks.wait_until_clean(before)
    finally:
        child.communicate(b"\n", timeout=10)
    assert len(left) == 1
    assert left[0].startswith(f"process {child.pid} (")
    assert leaks.wait_until_clean(before) == []


@pytest.mark.root
def test_a_namespace_left_behind_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, and its mount beside it."""
    monkeypatch.setattr(leaks, "PATIENCE_SECONDS", 0.0)
    before = leaks.take_inventory(alone=True)
    subprocess.run(["ip", "netns", "add", "fw-leak-test"], check=True)
    try:
        left = leaks.wait_until_clean(before)
    finally:
        subprocess.run(["ip", "netns", "del", "fw-leak-test"], check=True)
    assert "namespace fw-leak-test" in left
    assert "mount /run/netns/fw-leak-test (nsfs)" in left
