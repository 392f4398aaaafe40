"""What the sysctls say."""

import pytest

from floodwall.core.errors import NotSupported
from floodwall.core.model import StackLimits
from floodwall.kernel import sysctl
from floodwall.sense.stack import read_stack_limits

VALUES = {
    "net.core.somaxconn": "128",
    "net.core.rmem_max": "8388608",
    "net.ipv4.tcp_max_syn_backlog": "512",
    "net.ipv4.tcp_syncookies": "0",
    "net.ipv4.tcp_synack_retries": "3",
    "net.ipv4.tcp_sack": "1",
    "net.ipv4.tcp_window_scaling": "0",
    "net.ipv4.tcp_timestamps": "2",
    "net.ipv4.tcp_ecn": "0",
    "net.ipv4.tcp_rmem": "4096\t131072\t6291456",
}


def test_limits_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The larger of the two buffer limits decides the window scale."""
    monkeypatch.setattr(sysctl, "read", VALUES.__getitem__)

    assert read_stack_limits() == StackLimits(
        somaxconn=128,
        tcp_max_syn_backlog=512,
        tcp_syncookies=0,
        tcp_synack_retries=3,
        tcp_sack=True,
        tcp_window_scaling=False,
        tcp_timestamps=True,
        tcp_ecn=False,
        largest_receive_buffer_bytes=8388608,
    )


def test_rmem_max_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first network namespace has it."""

    def read(name: str) -> str:
        if name == "net.core.rmem_max":
            raise NotSupported(name)
        return VALUES[name]

    monkeypatch.setattr(sysctl, "read", read)

    assert read_stack_limits().largest_receive_buffer_bytes == 6291456
