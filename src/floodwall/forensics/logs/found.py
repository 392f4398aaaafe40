"""What a quick look at a block of a log gives, whoever looked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import Positions
from floodwall.forensics.logs.runs import Runs
from floodwall.forensics.logs.template import Template


@dataclass(slots=True)
class Found:
    """One row a line that was read, in the order of the lines; positions are in the block."""

    start: Positions
    """Where each line begins."""
    template: NDArray[np.uint8]
    """Index of the template of each."""
    part: NDArray[np.float64]
    """Parts of a second of each."""
    value: NDArray[np.int64]
    """Address << 16 | port of a dropped request; or ~N, below 0, of N suppressed messages."""
    fresh: Positions
    """Rows whose time, but for the parts of a second, is written differently from that before."""
    odd: Positions
    """Where each line begins and ends that was not read and may hold a word that matters."""

    def __len__(self) -> int:
        return len(self.start)


class Engine(Protocol):
    """What does the work on blocks; what it gave may be gone when it gives the next."""

    def read(self, block: bytes, templates: Sequence[Template]) -> Found:
        """Return what is found in a block of whole lines; a line is of the first that fits."""

    def count(self, words: NDArray[np.uint64], least: int) -> Runs:
        """Count sorted words; of endpoints those that are there so often at least."""
