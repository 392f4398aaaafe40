"""Requests in one machine word each, counted by endpoint and by address.

A word is address, port and rank of the time, from the highest bits to the lowest, so one sort
brings together what belongs together, in the order of time:

    63            32 31      16 15       0
    IPv4 address     port       rank
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SIXTEEN, _RANK = np.uint64(16), np.uint64(0xFFFF)
CLASSES = 64
"""Of source ports, 1,024 each."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Keys with how often each was there, and the ranks of its first and last time."""

    keys: NDArray[np.uint64]
    counts: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Runs:
    """What sorted words come to."""

    ports: NDArray[np.int64]
    """How many words there are of each class of source ports."""
    hosts: Counted
    """By address."""
    ends: Counted
    """By address << 16 | port."""
    owner: NDArray[np.int64]
    """Index of the address of each endpoint."""


def runs_of(words: NDArray[np.uint64], least: int) -> Runs:
    """Count sorted words; of endpoints those that are there so often at least."""
    ends = words >> _SIXTEEN
    starts = np.flatnonzero(np.r_[True, ends[1:] != ends[:-1]])
    edges = np.r_[starts, len(words)]
    ends, counts = ends[starts], np.diff(edges)
    first = (words[starts] & _RANK).view(np.int64)
    last = (words[edges[1:] - 1] & _RANK).view(np.int64)
    hosts = ends >> _SIXTEEN
    new = np.r_[True, hosts[1:] != hosts[:-1]]
    heads = np.flatnonzero(new)
    often = np.flatnonzero(counts >= least)
    return Runs(
        np.bincount((words >> np.uint64(26) & np.uint64(63)).view(np.intp), minlength=CLASSES),
        Counted(
            hosts[heads],
            np.diff(edges[np.r_[heads, len(ends)]]),
            np.minimum.reduceat(first, heads),
            np.maximum.reduceat(last, heads),
        ),
        Counted(ends[often], counts[often], first[often], last[often]),
        (np.cumsum(new) - 1)[often],
    )
