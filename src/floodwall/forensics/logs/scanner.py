"""Reads blocks of a log with the loop in scan.c, where it can be compiled."""

import ctypes
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from floodwall.core.errors import NotSupported
from floodwall.forensics.logs.found import Found
from floodwall.forensics.logs.notable import TABLE
from floodwall.forensics.logs.runs import CLASSES, Counted, Runs
from floodwall.forensics.logs.template import Template
from floodwall.kernel.build import compile_library

SOURCE = Path(__file__).with_name("scan.c")
_TEXT_BYTES = 256  # SCAN_TEXT
_SHORTEST_ROW = 24  # bytes: tag and message alone have more
_SHORTEST_ODD = 8  # the shortest word that matters has seven, a line ends with one more


class CTemplate(ctypes.Structure):
    """`struct scan_template`."""

    _fields_ = (
        ("head_bytes", ctypes.c_uint32),
        ("stamp_end", ctypes.c_uint32),
        ("fraction", ctypes.c_uint32),
        ("fraction_end", ctypes.c_uint32),
        ("prefix_bytes", ctypes.c_uint32),
        ("uptime_bytes", ctypes.c_uint32),
        ("clock", ctypes.c_uint32),
        ("text", ctypes.c_uint8 * _TEXT_BYTES),
    )


class CFound(ctypes.Structure):
    """`struct scan_found`."""

    _fields_ = (
        ("start", ctypes.c_void_p),
        ("value", ctypes.c_void_p),
        ("part", ctypes.c_void_p),
        ("template_index", ctypes.c_void_p),
        ("fresh", ctypes.c_void_p),
        ("odd", ctypes.c_void_p),
        ("rows_room", ctypes.c_int64),
        ("odd_room", ctypes.c_int64),
        ("rows", ctypes.c_int64),
        ("fresh_rows", ctypes.c_int64),
        ("odd_rows", ctypes.c_int64),
    )


class CCounted(ctypes.Structure):
    """`struct scan_counted`."""

    _fields_ = (
        ("key", ctypes.c_void_p),
        ("count", ctypes.c_void_p),
        ("first", ctypes.c_void_p),
        ("last", ctypes.c_void_p),
        ("rows", ctypes.c_int64),
    )


class CRuns(ctypes.Structure):
    """`struct scan_runs`."""

    _fields_ = (
        ("ports", ctypes.c_void_p),
        ("owner", ctypes.c_void_p),
        ("hosts", CCounted),
        ("ends", CCounted),
    )


class Scanner:
    """The loop in C, with columns that it writes into again and again."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._scan = library.scan_block
        self._scan.argtypes = (
            ctypes.c_char_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p,
            ctypes.c_void_p,
        )  # fmt: skip
        self._count = library.count_runs
        self._count.argtypes = (ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)
        self._count.restype = None
        self._grams = np.packbits(TABLE, bitorder="little")
        self._size = -1

    def read(self, block: bytes, templates: Sequence[Template]) -> Found:
        """Return what is found in a block of whole lines; a line is of the first that fits."""
        self._make_room(len(block))
        given, found = as_c(templates), self._found
        failed = self._scan(
            block, len(block), ctypes.addressof(given), len(templates),
            self._grams.ctypes.data, ctypes.addressof(found),
        )  # fmt: skip
        if failed:
            raise AssertionError(f"scan.c refuses what it was given: {failed}")
        rows = found.rows
        return Found(
            self._start[:rows],
            self._which[:rows],
            self._part[:rows],
            self._value[:rows],
            self._fresh[: found.fresh_rows],
            self._odd[: found.odd_rows],
        )

    def count(self, words: NDArray[np.uint64], least: int) -> Runs:
        """Count sorted words; of endpoints those that are there so often at least."""
        ports, owner = np.zeros(CLASSES, np.int64), np.empty(len(words), np.int64)
        hosts, ends = _no_rows(len(words)), _no_rows(len(words))
        given = CRuns(ports.ctypes.data, owner.ctypes.data, _as_c(hosts), _as_c(ends))
        self._count(words.ctypes.data, len(words), least, ctypes.addressof(given))
        rows = given.ends.rows
        return Runs(ports, _first(hosts, given.hosts.rows), _first(ends, rows), owner[:rows])

    def _make_room(self, size: int) -> None:
        """Have columns that no block of this size can fill."""
        if size <= self._size:
            return
        self._size = size + size // 4
        rows, odd = self._size // _SHORTEST_ROW + 1, self._size // _SHORTEST_ODD + 1
        self._start, self._value = np.empty(rows, np.int64), np.empty(rows, np.int64)
        self._part, self._which = np.empty(rows, np.float64), np.empty(rows, np.uint8)
        self._fresh, self._odd = np.empty(rows, np.int64), np.empty((odd, 2), np.int64)
        columns: tuple[NDArray[np.generic], ...] = (
            self._start, self._value, self._part, self._which, self._fresh, self._odd,
        )  # fmt: skip
        self._found = CFound(*(column.ctypes.data for column in columns), rows, odd)


def _no_rows(room: int) -> Counted:
    return Counted(np.empty(room, np.uint64), *(np.empty(room, np.int64) for _ in range(3)))


def _as_c(counted: Counted) -> CCounted:
    columns = (counted.keys, counted.counts, counted.first, counted.last)
    return CCounted(*(column.ctypes.data for column in columns), 0)


def _first(counted: Counted, rows: int) -> Counted:
    """Return so many rows; the columns need not live as long as what is made of them."""
    columns = (counted.counts, counted.first, counted.last)
    return Counted(counted.keys[:rows], *(column[:rows].copy() for column in columns))


def as_c(templates: Sequence[Template]) -> ctypes.Array[CTemplate]:
    """Return templates as scan.c takes them."""
    clocks = list(dict.fromkeys(template.stamp for template in templates))
    made = (CTemplate * len(templates))()
    for one, template in zip(made, templates, strict=True):
        stamp, text = template.stamp, template.head + template.prefix
        one.head_bytes, one.prefix_bytes = len(template.head), len(template.prefix)
        one.stamp_end, one.uptime_bytes = stamp.size, template.uptime
        one.fraction, one.fraction_end = stamp.fraction, stamp.fraction_end
        one.clock = clocks.index(stamp)
        ctypes.memmove(one.text, text, len(text))
    return made


@cache
def _library() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(str(compile_library(SOURCE)))
    except (NotSupported, OSError):  # numpy does the same, only slower
        return None


def scanner() -> Scanner | None:
    """Return the loop in C; None where it cannot be compiled."""
    library = _library()
    return Scanner(library) if library else None
