"""A large plain file in several parts, each read by a process of its own, and merged again."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import RawIOBase
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from floodwall.core.errors import FloodwallError

_LONGEST_PIECE = 4 << 20  # of one line: what is behind that is not read
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Sharing:
    """When files of a kind are read by several processes."""

    least_bytes: int
    """A smaller file is read by one: to start more and to merge takes as long as half of it."""
    most: int
    """Processes at the most, so that all of them together stay below 300 MB."""


LOGS = Sharing(96 << 20, 3)  # 70 MB each
CAPTURES = Sharing(256 << 20, 2)  # 120 MB each, and as much to merge them


class Part(RawIOBase):
    """The whole lines of a file that begin between two positions, as a stream."""

    def __init__(self, path: str, begin: int, end: int) -> None:
        self._file = Path(path).open("rb")  # noqa: SIM115 # closed by close()
        self._left = end - begin
        self._file.seek(max(0, begin - 1))
        self._left += min(begin, 1)
        while begin and self._left > 0:  # a line that began before belongs to the part before
            skipped = self._file.readline(_LONGEST_PIECE)
            self._left -= len(skipped)
            if not skipped or skipped.endswith(b"\n"):
                break

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
            piece += self._file.readline(_LONGEST_PIECE)
        return piece

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class Slice(RawIOBase):
    """Some first bytes, then what a file has between two positions, as a stream."""

    def __init__(self, path: str, head: bytes, begin: int, end: int) -> None:
        self._file = Path(path).open("rb")  # noqa: SIM115 # closed by close()
        self._file.seek(begin)
        self._head, self._left = head, end - begin

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes."""
        if self._head:
            piece, self._head = self._head, b""
            return piece
        piece = self._file.read(min(size, self._left) if size >= 0 else self._left)
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def parts_of(size: int, workers: int, sharing: Sharing) -> list[tuple[int, int]]:
    """Return where the parts of a file begin and end; one part if it is small."""
    count = min(workers, sharing.most)
    if size < sharing.least_bytes or count < 2:
        return [(0, size)]
    edges = [size * index // count for index in range(count + 1)]
    return list(pairwise(edges))


def workers() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def in_processes(function: Callable[..., R], jobs: list[tuple[object, ...]]) -> Iterator[R]:
    """Yield what a function gives for each job, in order, each in a process of its own.

    None of them outlives the loop; one that dies is an error.
    """
    workers: list[_Worker] = []
    try:
        for job in jobs:
            workers.append(_Worker(function, job))  # noqa: PERF401 # those that started must end
        for worker in workers:
            yield worker.result()
    finally:
        for worker in workers:
            worker.end()


class _Worker:
    """A process for one job."""

    def __init__(self, function: Callable[..., object], job: tuple[object, ...]) -> None:
        context = get_context("fork")
        self._answers, answer = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(answer, function, job), daemon=True)
        self._process.start()
        answer.close()  # only the process has it now: when that dies, reading ends

    def result(self) -> Any:
        """Wait for what the function gives."""
        try:
            answer = self._answers.recv()
        except (EOFError, OSError):
            self._process.join()
            raise FloodwallError(
                f"a process that read a part of it was ended ({_how(self._process.exitcode)})",
                hint="is there memory enough?",
            ) from None
        if isinstance(answer, FloodwallError):
            raise answer
        return answer

    def end(self) -> None:
        """End the process if it still runs."""
        self._process.kill()
        self._process.join()
        self._answers.close()


def _work(answer: Connection, function: Callable[..., object], job: tuple[object, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    try:
        result = function(*job)
    except FloodwallError as error:
        result = error
    answer.send(result)


def _how(code: int | None) -> str:
    return signal.Signals(-code).name if code is not None and code < 0 else f"code {code}"
