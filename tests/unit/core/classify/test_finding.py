"""What a rule found, and how sure it is."""

import pytest

from floodwall.core.classify.finding import Finding, ratio
from floodwall.core.verdict import Kind


@pytest.mark.parametrize(
    ("times", "most", "confidence"),
    [
        (0.0, 0.99, 0.0),
        (1.0, 0.99, 0.5),
        (9.0, 0.99, 0.9),
        (1e9, 0.99, 0.99),
        (9.0, 0.7, 0.7),
        (-3.0, 0.99, 0.0),
    ],
)
def test_confidence_has_one_meaning(times: float, most: float, confidence: float) -> None:
    """Even odds on the border; and never more than what can be told apart."""
    found = Finding(Kind.SYN_SCAN, times, (), most=most)

    assert pytest.approx(confidence) == found.confidence


def test_a_limit_of_nothing_is_one() -> None:
    """Nothing is divided by nothing."""
    assert [ratio(4, 2), ratio(4, 0)] == [2.0, 4.0]
