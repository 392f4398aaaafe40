"""Settings from their sources: the file, and above it what the command line says."""

from dataclasses import dataclass
from pathlib import Path

from floodwall.core.errors import ConfigError
from floodwall.core.settings import AttachMode, Settings
from floodwall.core.settings_file import parse_settings


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
    """Return what a settings file says, or raise ConfigError if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"cannot read {path}: it is not UTF-8 (byte {error.start})") from error
