"""Opens what the operator named, plain or compressed, and refuses what is no file.

The number of bytes that come out of an archive is bounded by what went in, so that a few bytes
cannot become the whole disk.
"""

import bz2
import gzip
import importlib
import io
import lzma
import os
import stat
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from floodwall.core.errors import ConfigError

STANDARD_INPUT = "-"
HEAD_BYTES = 1 << 16
_MAGIC = {
    b"\x1f\x8b": ".gz",
    b"\xfd7zXZ\x00": ".xz",
    b"\x28\xb5\x2f\xfd": ".zst",
    b"BZh": ".bz2",
}
_HIGHEST_RATIO = 250  # text of one repeated line compresses about 100 times
_MOST_ZEROS = 64 << 20  # a capture or a log holds no such run
_FREE_BYTES = 64 << 20  # below it no ratio is judged
_KINDS = (
    (stat.S_ISDIR, "a directory", "name the files in it"),
    (stat.S_ISFIFO, "a pipe", "use - and redirect it to the standard input"),
    (stat.S_ISCHR, "a device", "copy what you want to a file"),
    (stat.S_ISBLK, "a device", "copy what you want to a file"),
    (stat.S_ISSOCK, "a socket", "name a file"),
)


@dataclass(slots=True)
class Source:
    """An open input: reads like a file, and remembers what went wrong instead of raising it."""

    path: str
    stream: BinaryIO
    size: int
    """Bytes on disk; 0 where it is not known."""
    modified: float | None
    compression: str = ""
    errors: list[str] = field(default_factory=list)
    _head: bytes = b""
    _taken: int = 0
    _read: int = 0
    _position: Callable[[], int] = lambda: 0
    _ended: bool = False
    _zeros: int = 0

    def head(self) -> bytes:
        """Return the first bytes without taking them."""
        if not self._head:
            while len(self._head) < HEAD_BYTES and (piece := self._fetch(HEAD_BYTES)):
                self._head += piece
        return self._head

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; nothing at the end, or where the input is broken."""
        if self._taken < len(self._head):
            piece = self._head[self._taken : self._taken + size]
            self._taken += len(piece)
            return piece
        return self._fetch(size)

    def blocks(self, size: int) -> Iterator[bytes]:
        """Yield all that is left, in blocks."""
        while block := self.read(size):
            yield block

    @property
    def progress(self) -> tuple[int, int]:
        """Return the bytes of the file that were read, and its size."""
        return min(self.size, self._position()) if self.compression else self._read, self.size

    def _fetch(self, size: int) -> bytes:
        if self._ended:
            return b""
        try:
            piece = self.stream.read(size)
        except EOFError:
            piece = self._stop("the archive is cut short; what came before is used")
        except (OSError, zlib.error, lzma.LZMAError, ValueError) as error:
            piece = self._stop(f"cannot read on: {_reason(error)}; what came before is used")
        self._read += len(piece)
        if piece and not piece[:64].strip(b"\0") and not piece.strip(b"\0"):
            self._zeros += len(piece)
            if self._zeros > _MOST_ZEROS:
                return self._stop("nothing but zeros: taken for a hole, not read on")
        elif piece:
            self._zeros = 0
        limit = max(_FREE_BYTES, self.size * _HIGHEST_RATIO)
        if self.compression and self.size and self._read > limit:
            return self._stop(
                f"grows to more than {_HIGHEST_RATIO} times its size: taken for a bomb, not read on"
            )
        return piece

    def _stop(self, error: str) -> bytes:
        self.errors.append(error)
        self._ended = True
        return b""


@contextmanager
def opened(path: str) -> Iterator[Source]:
    """Open a file or the standard input for as long as a block runs."""
    if path == STANDARD_INPUT:
        yield _unpacked("standard input", sys.stdin.buffer, 0, None)
        return
    descriptor = _descriptor(path)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        yield _unpacked(path, file, status.st_size, status.st_mtime)


def _descriptor(path: str) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot open {path}: {_reason(error)}") from error
    mode = os.fstat(descriptor).st_mode
    for matches, what, hint in _KINDS:
        if matches(mode):
            os.close(descriptor)
            raise ConfigError(f"{path} is {what}", hint=hint)
    return descriptor


def _unpacked(path: str, file: BinaryIO, size: int, modified: float | None) -> Source:
    if isinstance(file, io.BufferedReader):
        buffered = file
    else:
        buffered = io.BufferedReader(cast("io.RawIOBase", file))
    head = buffered.peek(8)[:8]
    compression = next((name for magic, name in _MAGIC.items() if head.startswith(magic)), "")
    try:
        stream = _reader(compression, buffered)
    except ImportError as error:
        raise ConfigError(
            f"{path} is compressed with zstd, and neither the zstandard package nor the zstd "
            "command is here",
            hint="install one of them, or unpack the file",
        ) from error
    source = Source(path, stream, size, modified, compression)
    if compression and size:
        source._position = file.tell  # noqa: SLF001 # made here
    return source


def _reader(compression: str, file: BinaryIO) -> BinaryIO:
    if compression == ".gz":
        return gzip.GzipFile(fileobj=file)  # type: ignore[return-value] # reads like a file
    if compression == ".xz":
        return lzma.LZMAFile(file)  # type: ignore[return-value] # reads like a file
    if compression == ".bz2":
        return bz2.BZ2File(file)  # type: ignore[return-value] # reads like a file
    if compression == ".zst":
        return _zstd(file)
    return file


def _zstd(file: BinaryIO) -> BinaryIO:
    try:
        module = importlib.import_module("zstandard")
    except ImportError:
        return _ZstdCommand(file)  # type: ignore[return-value] # reads like a file
    reader: BinaryIO = module.ZstdDecompressor().stream_reader(file)
    return reader


class _ZstdCommand:
    """The zstd command as a stream; it ends with its reader."""

    def __init__(self, file: BinaryIO) -> None:
        os.lseek(file.fileno(), 0, os.SEEK_SET)  # seek() alone may stay within the buffer
        try:
            self._process = subprocess.Popen(
                ["zstd", "-dcq"], stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except FileNotFoundError as error:
            raise ImportError("no zstd") from error

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes."""
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101 # asked for above
        piece = pipe.read(size)
        if not piece:
            pipe.close()
            if self._process.wait():
                raise EOFError
        return piece

    def __del__(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


def tail_of(path: str, size: int) -> bytes:
    """Return the last bytes of a plain file; nothing where there is none."""
    if path == STANDARD_INPUT:
        return b""
    with Path(path).open("rb") as file:
        length = file.seek(0, os.SEEK_END)
        file.seek(max(0, length - size))
        return file.read(size)
