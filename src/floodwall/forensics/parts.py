"""A large plain log in several parts, each read by a process of its own; the results are merged."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from io import RawIOBase
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

_LEAST_BYTES = 48 << 20  # a smaller log is read before processes have started
_MOST_WORKERS = 8
_LONGEST_SKIP = 1 << 20
R = TypeVar("R")


class Part(RawIOBase):
    """The whole lines of a file that begin between two positions, as a stream."""

    def __init__(self, path: str, begin: int, end: int) -> None:
        self._file = Path(path).open("rb")  # noqa: SIM115 # closed by close()
        self._left = end - begin
        self._file.seek(max(0, begin - 1))
        if begin:  # a line that began before belongs to the part before
            skipped = self._file.readline(_LONGEST_SKIP)
            self._left += 1 - len(skipped)
            if len(skipped) == _LONGEST_SKIP:
                self._left = 0  # one endless line: the part before has its beginning

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes; the last line is whole."""
        if self._left <= 0:
            return b""
        piece = self._file.read(min(size, self._left) if size >= 0 else self._left)
        self._left -= len(piece)
        if self._left <= 0 and piece and not piece.endswith(b"\n"):
            piece += self._file.readline(1 << 20)
        return piece

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def parts_of(size: int, workers: int) -> list[tuple[int, int]]:
    """Return where the parts of a file begin and end; one part if it is small."""
    count = min(workers, _MOST_WORKERS, max(1, size // (_LEAST_BYTES // 2)))
    if size < _LEAST_BYTES or count < 2:
        return [(0, size)]
    edges = [size * index // count for index in range(count + 1)]
    return list(pairwise(edges))


def workers() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def in_processes(function: Callable[..., R], jobs: list[tuple[object, ...]]) -> Iterator[R]:
    """Yield what a function gives for each job, each in a process of its own."""
    with ProcessPoolExecutor(len(jobs), mp_context=get_context("fork")) as pool:
        for future in [pool.submit(function, *job) for job in jobs]:
            yield future.result()
