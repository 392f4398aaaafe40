"""What the kernel's log still holds."""

import os
import time
from pathlib import Path

import pytest

from floodwall.doctor import past
from floodwall.doctor.past import read_past

LINE = "4,{n},{at},-;TCP: request_sock_TCP: Possible SYN flooding on port {where}. Dropping.\n"


def test_lines_are_told_with_their_age(tmp_path: Path) -> None:
    """From the device, which gives one record a read."""
    log = tmp_path / "kmsg"
    os.mkfifo(log)
    holder = os.open(log, os.O_RDWR | os.O_NONBLOCK)
    now_us = time.monotonic_ns() // 1000
    try:
        os.write(holder, LINE.format(n=1, at=now_us - 60_000_000, where="[::]:443").encode())
        found = read_past(log)
    finally:
        os.close(holder)

    assert found is not None
    (hint,) = found
    assert (hint.kind, hint.port) == ("syn_flooding", 443)
    assert 59 < hint.age_s < 90


def test_the_newest_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the log it is the last."""
    log = tmp_path / "kmsg"
    log.write_text("")
    lines = [LINE.format(n=n, at=n * 1_000_000, where=80 + n).encode() for n in (1, 2, 3)]
    monkeypatch.setattr(past, "_records", lambda _: iter([*lines, b"6,9,9,-;eth0: up"]))

    assert [hint.port for hint in read_past(log) or ()] == [83, 82, 81]


def test_a_log_that_is_kept_from_us_is_none(tmp_path: Path) -> None:
    """As without CAP_SYSLOG; an empty one is empty."""
    assert read_past(tmp_path / "none") is None
    (tmp_path / "kmsg").write_text("")
    assert read_past(tmp_path / "kmsg") == ()
