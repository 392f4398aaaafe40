"""Settings from their sources: the file, and above it what the command line says."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from floodwall.core.errors import ConfigError
from floodwall.core.settings import AttachMode, Settings
from floodwall.core.settings_file import LARGEST_CHARACTERS, parse_settings

_TEXT_BYTES: Final = 4 * LARGEST_CHARACTERS + 4  # of UTF-8; a longer text is refused by its length


@dataclass(frozen=True, slots=True)
class Sources:
    """Where settings come from; the command line goes before the file."""

    file: Path | None = None
    interfaces: tuple[str, ...] = ()
    mode: AttachMode | None = None

    def read(self) -> Settings:
        """Return the settings as they are now, or raise ConfigError with all that is wrong."""
        return self.settle(*self.text())

    def text(self) -> tuple[str, str]:
        """Return the text of the file as it is now, and its name; none at all is all defaults."""
        return (read_text(self.file), str(self.file)) if self.file else ("", "defaults")

    def settle(self, text: str, origin: str) -> Settings:
        """Return the settings of a text, under what the command line says."""
        settings = parse_settings(text, origin)
        chosen: dict[str, object] = {}
        if self.interfaces:
            chosen["interfaces"] = self.interfaces
        if self.mode:
            chosen["mode"] = self.mode
        attach = settings.attach.model_copy(update=chosen)
        return settings.model_copy(update={"attach": attach})


def read_text(path: Path) -> str:
    """Return what a settings file says, or raise ConfigError if it cannot be read.

    A pipe or a device in its place is refused: it could make a reload wait for ever.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise ConfigError(f"cannot read {path}: it is not a regular file")
            raw = file.read(_TEXT_BYTES)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    try:
        return raw.decode("utf-8-sig")  # some editors begin a file with a byte order mark
    except UnicodeDecodeError as error:
        raise ConfigError(f"cannot read {path}: it is not UTF-8 (byte {error.start})") from error
