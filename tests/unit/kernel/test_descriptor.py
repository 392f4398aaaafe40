"""Descriptors are given back once, and what the kernel refuses is told by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel.descriptor import Descriptor, inspect, open_pin, pin
from floodwall.kernel.maps import MapInfo


class _Opened(Descriptor):
    """A descriptor of something that any user may open."""

    def __init__(self) -> None:
        self.fd = os.open(os.devnull, os.O_RDONLY)


def test_a_descriptor_is_given_back_once() -> None:
    """A second close must not hit whoever has the number by then."""
    with _Opened() as opened:
        number = opened.fd
        os.fstat(number)
    opened.close()

    assert opened.fd == -1
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)


def test_what_is_no_object_of_bpf_is_refused_by_name(tmp_path: Path) -> None:
    """Each of the three calls says what it was about."""
    with _Opened() as opened:
        with pytest.raises(KernelError, match="inspect map of mine"):
            inspect(opened.fd, MapInfo(), "map", "of mine")
        with pytest.raises(KernelError, match=r"pin .*here"):
            pin(opened.fd, tmp_path / "here")
    with pytest.raises(KernelError, match=r"open pin .*nowhere"):
        open_pin(tmp_path / "nowhere")
