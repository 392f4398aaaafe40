"""Waiting for a condition instead of for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

_STEP_S = 0.005


def until(condition: Callable[[], Value | None], timeout_s: float) -> Value | None:
    """Ask again until the answer is true, and return it; None once the time is over."""
    deadline = time.monotonic() + timeout_s
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            return None
        time.sleep(_STEP_S)
