"""The cheap hashes spread what they must tell apart."""

from __future__ import annotations

import pytest

from floodwall.kernel._abi import DEBT_CELLS
from tests.support.oracle.hashes import cells_of
from tests.support.oracle.world import packed

SPREAD_MIN = 0.6  # of as many cells as addresses; chance fills 1 - 1/e = 0.63 of them


@pytest.mark.slow
@pytest.mark.parametrize("network", ["198.51.{}.{}", "2001:db8:1::{:x}:{:x}"])
def test_neighbours_have_cells_of_their_own(network: str) -> None:
    """The addresses of one /16, or of one /96's last bytes, share no more cells than by chance."""
    addresses = (network.format(n >> 8, n & 255) for n in range(DEBT_CELLS))
    cells = [cells_of(packed(address), 40000, seed=0x1234_5678_9ABC_DEF0) for address in addresses]

    assert len({each.source for each in cells}) > SPREAD_MIN * DEBT_CELLS
    assert len({each.port for each in cells}) > SPREAD_MIN * DEBT_CELLS
    assert len({(each.seen, each.seen_bit) for each in cells}) > 0.9 * DEBT_CELLS
