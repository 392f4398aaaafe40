"""The HyperLogLog and its error."""

import numpy as np
import pytest

from floodwall.forensics.distinct import STANDARD_ERROR, Distinct
from floodwall.forensics.hashing import mix


@pytest.mark.parametrize("count", [0, 1, 572, 20_000, 60_000, 300_000, 2_000_000])
def test_the_estimate_is_within_four_standard_errors(count: int) -> None:
    """Over the whole range, also where linear counting hands over."""
    sketch = Distinct()
    sketch.add(mix(np.arange(count, dtype=np.uint64)))
    value, low, high = sketch.estimate()

    assert abs(value - count) <= 4 * STANDARD_ERROR * count + 0.5
    assert low <= value <= high


def test_the_error_is_what_is_claimed() -> None:
    """The root mean square over many runs is near 0.81 %, and the interval holds about 95 %."""
    count, misses, errors = 100_000, 0, []
    for seed in range(60):
        sketch = Distinct()
        sketch.add(mix(np.arange(count, dtype=np.uint64) + np.uint64(seed * 1_000_000_007)))
        value, low, high = sketch.estimate()
        errors.append((value - count) / count)
        misses += not low <= count <= high
    assert 0.5 * STANDARD_ERROR < float(np.sqrt(np.mean(np.square(errors)))) < 1.5 * STANDARD_ERROR
    assert misses <= 10


def test_two_sketches_merge_into_that_of_both() -> None:
    """Order and overlap change nothing."""
    hashes = mix(np.arange(50_000, dtype=np.uint64))
    left, right, both = Distinct(), Distinct(), Distinct()
    left.add(hashes[:30_000])
    right.add(hashes[20_000:])
    both.add(hashes)
    assert left.merge(right).estimate() == both.estimate()
