"""The library loads, and what it says is kept."""

import ctypes
from pathlib import Path

from floodwall.kernel.libbpf import libbpf


def test_there_is_one_library() -> None:
    """Messages go to one place, whoever asks."""
    assert libbpf() is libbpf()


def test_the_version_is_at_least_one() -> None:
    """Return values are errnos from 1.0 on."""
    assert libbpf().version.startswith("v1.")


def test_every_cpu_counts() -> None:
    """A per-CPU value has at least one part."""
    assert libbpf().possible_cpus >= 1


def test_messages_are_kept_and_forgotten(tmp_path: Path) -> None:
    """They are shown once, with the failure that they explain."""
    path = tmp_path / "text.o"
    path.write_text("no ELF")
    libbpf().said()

    handle = libbpf().calls.bpf_object__open_file(bytes(path), None)

    assert not handle
    assert ctypes.get_errno() != 0
    assert any("text.o" in line for line in libbpf().said())
    assert libbpf().said() == []
