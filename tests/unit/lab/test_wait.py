"""Waiting for a condition."""

from floodwall.lab.wait import until


def test_the_answer_is_returned_as_soon_as_it_is_true() -> None:
    """It is asked again until then."""
    answers = iter([None, 0, "here", "never asked"])

    assert until(lambda: next(answers), 5.0) == "here"
    assert next(answers) == "never asked"


def test_it_is_asked_at_least_once() -> None:
    """Even without any time."""
    assert until(lambda: 7, 0.0) == 7
    assert until(lambda: None, 0.0) is None
