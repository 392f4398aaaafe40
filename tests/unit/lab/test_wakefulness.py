"""Keeping CPUs awake."""

from pathlib import Path

import pytest

from floodwall.lab import wakefulness


def test_the_request_ends_with_the_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel forgets it when the file is closed."""
    request = tmp_path / "cpu_dma_latency"
    request.touch()
    monkeypatch.setattr(wakefulness, "_REQUEST", str(request))
    with wakefulness.awake() as asked:
        assert asked
        assert request.read_bytes() == bytes(4)


def test_a_machine_without_it_is_measured_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so."""
    monkeypatch.setattr(wakefulness, "_REQUEST", "/nowhere/at/all")
    with wakefulness.awake() as asked:
        assert not asked
