"""A lab network for the tests that need one."""

from collections.abc import Iterator

import pytest

from floodwall.lab.topology import Options, Topology, topology


@pytest.fixture
def network() -> Iterator[Topology]:
    """Return a whole network, gone after the test."""
    with topology(Options()) as made:
        yield made
