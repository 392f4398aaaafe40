"""How many different values there were: a HyperLogLog (Flajolet et al. 2007), mergeable."""

from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.hashing import Hashes

_BITS = 14  # 16,384 registers of one byte: a standard error of 1.04 / sqrt(16384) = 0.81 %
_REGISTERS = 1 << _BITS
_ALPHA = 0.7213 / (1 + 1.079 / _REGISTERS)
STANDARD_ERROR = 1.04 / sqrt(_REGISTERS)
Z95 = 1.959964


class Distinct:
    """Counts different hashes in 16 KiB, whatever their number."""

    def __init__(self, registers: NDArray[np.uint8] | None = None) -> None:
        self._registers = np.zeros(_REGISTERS, np.uint8) if registers is None else registers

    def add(self, hashes: Hashes) -> None:
        """Take the hashes of values; repeats change nothing."""
        index = (hashes >> np.uint64(64 - _BITS)).astype(np.intp)
        rest = hashes << np.uint64(_BITS) | np.uint64(1 << (_BITS - 1))
        # The exponent of a float64 tells the highest bit; 11 bits of rounding cannot pass it
        # because the low bits are cleared first.
        _, exponent = np.frexp((rest & ~np.uint64(0x7FF)).astype(np.float64))
        rank = np.where(rest >> np.uint64(11), 65 - exponent, 65 - 11).astype(np.uint8)
        np.maximum.at(self._registers, index, rank)

    def merge(self, other: "Distinct") -> "Distinct":
        """Return the count over both."""
        return Distinct(np.maximum(self._registers, other.registers()))

    def registers(self) -> NDArray[np.uint8]:
        """Return the registers."""
        return self._registers

    def estimate(self) -> tuple[float, float, float]:
        """Return the estimate and its 95 % confidence interval."""
        raw = _ALPHA * _REGISTERS**2 / float(np.sum(np.exp2(-self._registers.astype(np.float64))))
        empty = int(np.count_nonzero(self._registers == 0))
        value = _REGISTERS * log(_REGISTERS / empty) if raw <= 2.5 * _REGISTERS and empty else raw
        spread = Z95 * STANDARD_ERROR * value
        return value, max(0.0, value - spread), value + spread
