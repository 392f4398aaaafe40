"""The wrappings of lines."""

import pytest

from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.logs.envelope import Envelopes
from floodwall.forensics.logs.template import Template, template_of

MESSAGE = b"TCP: drop open request from 192.0.2.1/80"


def learned(raw: bytes) -> Template | None:
    """Return what is learned from a line as the careful reader opens it."""
    return template_of(raw, Envelopes(Clock(1.7e9, 2004)).open(raw))


@pytest.mark.parametrize(
    ("before", "head", "prefix", "uptime"),
    [
        (b"Feb 28 09:27:37 nap1 kernel: ", b"", b" nap1 kernel: ", 0),
        (b"Feb 28 09:27:37 kernel: ", b"", b" kernel: ", 0),
        (b"<4>Feb 28 09:27:37 nap1 kernel: ", b"<4>", b" nap1 kernel: ", 0),
        (b"Feb 28 09:27:37 nap1 kernel: [    1.500000] ", b"", b" nap1 kernel: ", 15),
        (b"2004-02-28T09:27:37.123456+01:00 nap1 kernel: ", b"", b" nap1 kernel: ", 0),
        (b"<4>1 2004-02-28T09:27:37Z h kernel - - - ", b"<4>", b" h kernel - - - ", 0),
        (
            b"<4>1 2004-02-28T09:27:37Z h kernel - - - [1234567.890123] ",
            b"<4>", b" h kernel - - - ", 17,
        ),
    ],
)  # fmt: skip
def test_a_wrapping_is_learned(before: bytes, head: bytes, prefix: bytes, uptime: int) -> None:
    """All that stands around the time, up to the message."""
    template = learned(before + MESSAGE)
    assert template is not None
    assert (template.head, template.prefix, template.uptime) == (head, prefix, uptime)
    assert template.message_at == len(before)


@pytest.mark.parametrize(
    "raw",
    [
        MESSAGE,
        b"[    1.500000] " + MESSAGE,
        b"Feb 28 09:27:37 nap1 kernel: " + MESSAGE + b"\r",
        b"Feb 28 09:27:37 nap1 kernel: [    1.500000] [  T12] " + MESSAGE,
        b"Feb 28 09:27:37 nap1 kernel: [                  1.500000] " + MESSAGE,
        b"Feb 28 09:27:37 %b kernel: %b" % (b"x" * 99, MESSAGE),
        b"Feb 28 09:27:37 nap1 kernel: message repeated 2 times: [ %b]" % MESSAGE,
    ],
)
def test_what_is_not_wholly_known_is_no_wrapping(raw: bytes) -> None:
    """Such lines are read one by one."""
    assert learned(raw) is None
