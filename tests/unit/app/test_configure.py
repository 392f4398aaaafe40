"""Settings from file and command line."""

import os
from pathlib import Path

import pytest

from floodwall.app.configure import Sources
from floodwall.core.errors import ConfigError
from floodwall.core.settings import AttachMode, Settings


def test_the_command_line_goes_before_the_file(tmp_path: Path) -> None:
    """What it does not say stays as the file has it."""
    file = tmp_path / "floodwall.toml"
    file.write_text('[attach]\ninterfaces = ["eth0"]\nmode = "native"\n[arming]\nhold_s = 7\n')

    assert Sources(file).read().attach.interfaces == ("eth0",)
    settings = Sources(file, ("eth1", "eth2"), AttachMode.GENERIC).read()
    assert settings.attach.interfaces == ("eth1", "eth2")
    assert settings.attach.mode is AttachMode.GENERIC
    assert settings.arming.hold_s == 7


def test_without_a_file_there_are_defaults() -> None:
    """Nothing needs to be written before the first start."""
    assert Sources().read() == Settings()


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    """Missing, a directory, or not text."""
    binary = tmp_path / "binary"
    binary.write_bytes(b"a = \xff")
    for path in (tmp_path / "none", tmp_path, binary):
        with pytest.raises(ConfigError, match=str(path)):
            Sources(path).read()


def test_a_byte_order_mark_is_no_setting(tmp_path: Path) -> None:
    """Nor are the line ends of another system."""
    file = tmp_path / "floodwall.toml"
    file.write_bytes("\ufeff[arming]\r\nhold_s = 7\r\n".encode())

    assert Sources(file).read().arming.hold_s == 7


def test_a_pipe_or_a_device_is_refused_at_once(tmp_path: Path) -> None:
    """A reload must not wait for somebody who never writes, nor read without end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(ConfigError, match="not a regular file"):
            Sources(path).read()


def test_a_file_without_end_is_refused_by_its_length(tmp_path: Path) -> None:
    """It is not even read whole."""
    endless = tmp_path / "endless"
    with endless.open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(ConfigError):
        Sources(endless).read()
