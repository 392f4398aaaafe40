"""A look at a block."""

import pytest

from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.logs.envelope import Envelopes
from floodwall.forensics.logs.fast import FastLines
from floodwall.forensics.logs.found import Engine
from floodwall.forensics.logs.passes import Passes
from floodwall.forensics.logs.scanner import scanner
from tests.support.log_lines import DROP

LINES = [
    b"Feb 28 09:27:37 nap1 " + DROP % (b"192.0.2.1", b"80"),
    b"Feb 28 09:27:37 nap1 kernel: NET: 7 messages suppressed.",
    b"Feb 28 09:27:38 nap1 kernel: eth0: link up",
    b"Feb 28 09:27:38 nap1 " + DROP % (b"10.0.0.255", b"65535"),
    b"Feb 28 09:27:38 nap1 kernel: possible SYN flooding on port 80. Sending cookies.",
]


@pytest.mark.parametrize("engine", [Passes(), scanner()], ids=["passes", "loop"])
def test_what_is_read_is_told_by_line(engine: Engine) -> None:
    """Requests have an address, counts have none; what may matter is left to others."""
    fast = FastLines(engine=engine)
    fast.learn(LINES[0], Envelopes(Clock(1.7e9, 2004)).open(LINES[0]))
    block = b"".join(line + b"\n" for line in LINES)
    found = fast.read(block)

    starts = [0, *(sum(len(line) + 1 for line in LINES[:n]) for n in (1, 3, 4))]
    assert found.start.tolist() == starts[:3]
    assert found.value.tolist() == [0xC0000201 << 16 | 80, ~7, 0x0A0000FF << 16 | 65_535]
    assert found.fresh.tolist() == [0, 2]
    assert found.odd.tolist() == [[starts[3], len(block) - 1]]
