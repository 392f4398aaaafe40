"""What a queue takes, by kernel."""

import pytest

from floodwall.core.diagnosis.capacity import release, syn_queue_capacity
from floodwall.core.model import StackLimits


@pytest.mark.parametrize(
    ("kernel", "backlog", "stack", "capacity"),
    [
        ("6.18.1", 511, StackLimits(), 511),
        ("4.4.0", 5, StackLimits(), 5),
        ("3.10.0-1160.el7.x86_64", 511, StackLimits(somaxconn=4096, tcp_max_syn_backlog=512), 512),
        ("3.10.0", 128, StackLimits(tcp_max_syn_backlog=2048), 256),
        ("2.6.32-754.el6", 5, StackLimits(), 16),
        ("2.6.32", 4096, StackLimits(somaxconn=128, tcp_max_syn_backlog=1024), 256),
        ("3.10.0", 511, StackLimits(tcp_max_syn_backlog=512, tcp_syncookies=0), 384),
        ("6.1.0", 511, StackLimits(tcp_max_syn_backlog=128, tcp_syncookies=0), 96),
    ],
)
def test_older_kernels_round_up(
    kernel: str, backlog: int, stack: StackLimits, capacity: int
) -> None:
    """A table of a power of two until 4.3, the backlog alone since; less without cookies."""
    assert syn_queue_capacity(backlog, stack, release(kernel)) == capacity


def test_a_release_is_two_numbers() -> None:
    """What cannot be read is taken for new."""
    assert release("3.10.0-1160.el7") == (3, 10)
    assert release("6.18+") == release("") == release("odd.name") == (4, 4)
