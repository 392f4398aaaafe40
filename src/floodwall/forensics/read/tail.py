"""The end of a log that grows: new whole lines, through rotation, truncation and absence."""

import os
from pathlib import Path
from typing import BinaryIO

BLOCK_BYTES = 4 << 20
LONGEST_BYTES = 1 << 16  # of a line without an end; what is longer is cut, and skipped on
_PATIENCE = 2  # looks at a new file of the same name before the old one is left


class Tail:
    """Follows a name: `read` never waits, and gives nothing where nothing is new."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._file: BinaryIO | None = None
        self._position = 0
        self._rest = b""
        self._skipping = False
        self._replaced = 0
        self.rotations = 0
        """How often a new file took the name, or the file began anew."""

    def read(self) -> bytes:
        """Return new whole lines, at most a block; as they are, also where they make no sense."""
        if self._file is None and not self._open():
            return b""
        block = self._more()
        if not block and self._began_anew():
            block = self._more()
        return self._whole(block)

    def close(self) -> None:
        """Leave the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> bool:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return False
        self._file, self._position = os.fdopen(descriptor, "rb", buffering=0), 0
        return True

    def _more(self) -> bytes:
        file = self._file
        if file is None:
            return b""
        try:
            block = file.read(BLOCK_BYTES) or b""
        except OSError:
            return b""
        self._position += len(block)
        return block

    def _began_anew(self) -> bool:
        """Tell whether there is something else to read under this name, and turn to it."""
        file = self._file
        if file is None:
            return False
        own = os.fstat(file.fileno())
        if own.st_size < self._position:
            file.seek(0)
            self._position = 0
            self._rotated()
            return True
        try:
            named = self._path.stat()
        except OSError:
            return False
        if (named.st_dev, named.st_ino) == (own.st_dev, own.st_ino):
            self._replaced = 0
            return False
        # Who writes may still hold the old file, until its turn comes to be told.
        self._replaced += 1
        if self._replaced < _PATIENCE:
            return False
        self.close()
        self._rotated()
        return self._open()

    def _rotated(self) -> None:
        self.rotations += 1
        self._replaced, self._skipping = 0, False
        self._rest = self._rest and self._rest + b"\n"  # the last line of the old file is whole

    def _whole(self, block: bytes) -> bytes:
        if self._skipping:
            _, newline, block = block.partition(b"\n")
            self._skipping = not newline
        text = self._rest + block
        end = text.rfind(b"\n") + 1
        whole, self._rest = text[:end], text[end:]
        if len(self._rest) > LONGEST_BYTES:
            whole += self._rest[:LONGEST_BYTES] + b"\n"
            self._rest, self._skipping = b"", True
        return whole
