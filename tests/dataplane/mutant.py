"""A bug that somebody could make in the data plane: one edit of a source file."""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """A bug: where it is, what stands there and what stands there instead."""

    name: str
    file: str
    old: str
    new: str
    times: int = 1
