"""Hints in the kernel's log."""

import errno
import os
from pathlib import Path

import pytest

from floodwall.core.errors import KernelError
from floodwall.core.signs import KernelHint
from floodwall.sense import kernel_log
from floodwall.sense.kernel_log import KernelLog, hints

NOTICE, INFO = 5, 6
USER = 1 << 3


def record(text: str, priority: int = INFO, us: int = 7_000_000) -> bytes:
    """Write a record as /dev/kmsg does."""
    return f"{priority},339,{us},-;{text}\n SUBSYSTEM=net\n".encode()


@pytest.mark.parametrize(
    ("text", "kind", "port"),
    [
        (
            "TCP: request_sock_TCP: Possible SYN flooding on port 0.0.0.0:80. Sending cookies.",
            "syn_flooding",
            80,
        ),
        (
            "TCP: request_sock_TCPv6: Possible SYN flooding on port [::]:443. Dropping request.",
            "syn_flooding",
            443,
        ),
        ("TCP: Possible SYN flooding on port 8080. Sending cookies.", "syn_flooding", 8080),
        (
            "request_sock_TCP: Possible SYN flooding on port 25. Sending cookies. Check SNMP.",
            "syn_flooding",
            25,
        ),
        ("nf_conntrack: nf_conntrack: table full, dropping packet", "conntrack_full", None),
        ("TCP: too many orphaned sockets", "too_many_orphans", None),
        ("TCP: too many of orphaned sockets", "too_many_orphans", None),
        ("TCP: out of memory -- consider tuning tcp_mem", "out_of_socket_memory", None),
        ("Out of memory: Killed process 4711 (nginx)", "oom", None),
        ("Memory cgroup out of memory: Killed process 4711 (nginx)", "oom", None),
        ("nginx invoked oom-killer: gfp_mask=0xcc0, order=0", "oom", None),
    ],
)
def test_the_kernels_own_words_are_known(text: str, kind: str, port: int | None) -> None:
    """Of several releases."""
    assert list(hints(iter([record(text)]))) == [KernelHint(7_000_000_000, kind, port)]


@pytest.mark.parametrize(
    "line",
    [
        record("TCP: Possible SYN flooding on port 80. Sending cookies.", USER | NOTICE),
        record("eth0: link up"),
        b"garbage without a head",
        b"\xff\xfe;TCP: too many orphaned sockets",
        b"",
    ],
)
def test_nobody_else_can_speak_for_the_kernel(line: bytes) -> None:
    """A process that writes to the log cannot take the kernel's facility."""
    assert list(hints(iter([line]))) == []


class Pipe:
    """A log that a test writes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.readable, self.writable = os.pipe()
        os.set_blocking(self.readable, False)
        monkeypatch.setattr(os, "open", lambda *_: self.readable)
        monkeypatch.setattr(os, "lseek", lambda *_: 0)


def test_only_what_is_new_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look opens the log at its end; a quiet log is empty, not an error."""
    pipe = Pipe(monkeypatch)
    log = KernelLog()
    first = log.read()
    os.write(pipe.writable, record("TCP: too many orphaned sockets"))
    second, third = log.read(), log.read()
    log.close()
    os.close(pipe.writable)

    assert (first, third) == ((), ())
    assert second is not None
    assert [hint.kind for hint in second] == ["too_many_orphans"]


def test_lines_that_were_overwritten_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """EPIPE says that some are lost; reading goes on, and always ends."""
    answers: list[OSError | bytes] = [
        OSError(errno.EPIPE, "Broken pipe"),
        record("TCP: too many orphaned sockets"),
    ]

    def read(_fd: int, _most: int) -> bytes:
        answer = answers.pop(0) if answers else BlockingIOError()
        if isinstance(answer, OSError):
            raise answer
        return answer

    pipe = Pipe(monkeypatch)
    log = KernelLog()
    log.read()
    os.close(pipe.writable)
    monkeypatch.setattr(os, "read", read)

    found = log.read()
    assert found is not None
    assert [hint.kind for hint in found] == ["too_many_orphans"]

    endless = record("Out of memory: Killed process 4711 (nginx)")
    monkeypatch.setattr(os, "read", lambda *_: endless)

    found = log.read()
    assert found is not None
    assert len(found) == kernel_log._RECORDS_MAX
    log.close()


def test_a_log_that_is_kept_from_us_gives_no_hints(tmp_path: Path) -> None:
    """Containers have none, and systemd hides it: None, and the operator is not told for ever."""
    assert KernelLog(tmp_path / "kmsg").read() is None


def test_a_log_that_breaks_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was there, and is not readable any more."""

    def broken(*_: object) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    pipe = Pipe(monkeypatch)
    log = KernelLog()
    log.read()
    monkeypatch.setattr(os, "read", broken)
    with pytest.raises(KernelError, match="read /dev/kmsg: Input/output error"):
        log.read()
    log.close()
    os.close(pipe.writable)


@pytest.mark.root
def test_the_real_log_can_be_followed() -> None:
    """It is opened, read to its end without waiting, and let go."""
    log = KernelLog()
    try:
        assert log.read() == ()
        assert isinstance(log.read(), tuple)
    finally:
        log.close()
