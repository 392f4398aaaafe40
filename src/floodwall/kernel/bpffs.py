"""Where the pins and the runtime files of this network namespace live, and their removal.

Law: only what Floodwall made is removed; a bpffs is never wiped, since others pin there too.
"""

import contextlib
import ctypes
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from floodwall.core.errors import KernelError
from floodwall.kernel.failure import kernel_error
from floodwall.kernel.netns import netns_cookie

_RUN = Path("/run/floodwall")
_SYSTEM_BPFFS = Path("/sys/fs/bpf")
_MOUNTS = Path("/proc/self/mountinfo")
_OWN_BPFFS = "bpf"  # below the run directory, mounted if the system has none
_OURS = "floodwall"  # below a bpffs
_MS_NOSUID_NODEV_NOEXEC = 2 | 4 | 8


@dataclass(frozen=True, slots=True)
class StateDirectory:
    """The places of one network namespace; without `pins`, `reason` says why there are none."""

    run: Path
    pins: Path | None
    reason: str

    @classmethod
    def prepare(
        cls, root: Path = _RUN, system_bpffs: Path = _SYSTEM_BPFFS, *, no_pins: str = ""
    ) -> Self:
        """Make the places of this network namespace, with a bpffs of our own if need be.

        `no_pins` is a reason to pin nothing.
        """
        name = f"{netns_cookie():x}"
        run = root / name
        _make_directory(root)
        _make_directory(run)
        if no_pins:
            return cls(run, None, f"nothing can be pinned: {no_pins}")
        try:
            bpffs, reason = _bpffs(root, system_bpffs)
            _make_directory(bpffs / _OURS)
            pins = bpffs / _OURS / name
            _make_directory(pins)
        except KernelError as error:
            return cls(run, None, f"nothing can be pinned: {error.message}")
        return cls(run, pins, reason)

    @classmethod
    def find(cls, root: Path = _RUN, system_bpffs: Path = _SYSTEM_BPFFS) -> Self | None:
        """Return the places as they are, without making anything; None if there are none."""
        name = f"{netns_cookie():x}"
        for bpffs in (system_bpffs, root / _OWN_BPFFS):
            pins = bpffs / _OURS / name
            if is_bpffs(bpffs) and pins.is_dir():
                return cls(root / name, pins, f"pinned below {bpffs}")
        run = root / name
        return cls(run, None, "nothing is pinned") if run.is_dir() else None

    def pin(self, name: str) -> Path | None:
        """Return the path of a pin, or None where nothing can be pinned."""
        return self.pins / name if self.pins else None

    def pinned(self, prefix: str = "") -> list[Path]:
        """Return the pins whose names begin so, sorted."""
        if self.pins is None or not self.pins.is_dir():
            return []
        return sorted(path for path in self.pins.iterdir() if path.name.startswith(prefix))

    def unpin(self) -> None:
        """Remove the pins; runtime files stay."""
        for path in self.pinned():
            if path.is_dir():
                _remove_if_empty(path)
            else:
                path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove pins, runtime files and the bpffs that we mounted, once nobody else uses it."""
        self.unpin()
        if self.pins is not None:
            _remove_if_empty(self.pins)
            if _remove_if_empty(self.pins.parent):
                self._unmount(self.pins.parent.parent)
        shutil.rmtree(self.run, ignore_errors=True)
        _remove_if_empty(self.run.parent)

    def _unmount(self, bpffs: Path) -> None:
        if bpffs != self.run.parent / _OWN_BPFFS:
            return
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.umount2(os.fsencode(bpffs), 0) == 0:
            _remove_if_empty(bpffs)


def run_directory(root: Path = _RUN) -> Path:
    """Return where the runtime files of this network namespace are, whether any are or not."""
    return root / f"{netns_cookie():x}"


def is_bpffs(path: Path) -> bool:
    """Tell whether what is at `path` in this mount namespace is a bpffs.

    The table of mounts alone would not tell: it also lists what another mount hides.
    """
    try:
        device = path.stat().st_dev
    except OSError:
        return False
    there = f"{os.major(device)}:{os.minor(device)}"
    for line in _MOUNTS.read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        number, _root, where = fields.split()[2:5]
        if (number, where, rest.split()[0]) == (there, os.fspath(path), "bpf"):
            return True
    return False


def _bpffs(root: Path, system_bpffs: Path) -> tuple[Path, str]:
    if is_bpffs(system_bpffs):
        return system_bpffs, f"pinned below {system_bpffs}"
    own = root / _OWN_BPFFS
    if not is_bpffs(own):
        _make_directory(own)
        libc = ctypes.CDLL(None, use_errno=True)
        options = (os.fsencode(own), b"bpf", _MS_NOSUID_NODEV_NOEXEC, b"mode=0700")
        if libc.mount(b"bpf", *options) != 0:
            number = ctypes.get_errno()
            _remove_if_empty(own)
            raise kernel_error("mount bpffs", number, os.fspath(own))
    return own, f"pinned below {own}, since {system_bpffs} has no bpffs"


def _make_directory(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise kernel_error("make directory", error.errno or 0, os.fspath(path)) from error


def _remove_if_empty(path: Path) -> bool:
    with contextlib.suppress(OSError):
        path.rmdir()
    return not path.exists()
