"""The wrapping of lines."""

import json

import pytest

from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.logs.envelope import Envelopes, Stamp, stamp_of

DROP = b"TCP: drop open request from 192.0.2.7/3755"
NOW = 1_700_000_000.0


def envelopes() -> Envelopes:
    """Open lines of a new input."""
    return Envelopes(Clock(NOW))


@pytest.mark.parametrize(
    "line",
    [
        b"Feb 28 09:27:37 nap1 kernel: %s",
        b"Feb 28 2004 09:27:37 nap1 kernel: %s",
        b"Mar  7 09:27:37 nap1 kernel: %s",
        b"Nov 5 06:27:01 nap1 kernel: %s",
        b"<4>Feb 28 09:27:37 nap1 kernel: %s",
        b"Jul 28 18:57:32 PC kernel: [538538.407269] %s",
        b"Jul 28 18:57:32 PC kernel: [    9.649346] %s",
        b"Feb 29 19:54:23 kernel: %s",
        b"kernel: %s",
        b"%s",
        b"kern.info kernel: [31617.809376] %s",
        b"Wed Feb 20 11:18:44 2019 kern.warn kernel: [31617.809376] %s",
        b"2015-03-07T05:09:30.045015+02:00 servername kernel: %s",
        b"2024-06-06T10:26:40.747576+08:00 kernel: %s",
        b"<4>1 2016-06-21T15:27:15.771223+08:00 host kernel - - - [ 3132.531409] %s",
        b'<4>1 2016-06-21T15:27:15Z host kernel - ID [x@1 a="b"] %s',
        b"[84440.731929] %s",
        b"[  601.749973][    C1] %s",
        b"[  580.340726][T19113] %s",
        b"[Wed Feb 20 11:18:44 2019] %s",
        "[\u0421\u0440 \u043c\u0430\u0440 10 20:19:39 2021] %s".encode(),
        b"6,1234,567890123,-;%s",
        b"<6>[  601.749973] %s",
        b"Tue 2019-07-09 12:00:00 CEST web kernel: %s",
        b"Tue 2019-07-09 12:00:00.123456 UTC web kernel: %s",
        b"Tue 2019-07-09 12:00:00 -03 web kernel: [  601.749973] %s",
        b"1562666400.123456 web kernel: %s",
        b"[  601.749973] web kernel: %s",
        b"Jul  9 12:00:00 router kern.warn kernel: %s",
        b"Jul  9 12:00:00 router kern.warn kernel: [  601.749973] %s",
        b"[root@server3] Oct 20 11:40:11 server12 kernel: %s",
        b" 5 Time(s): kernel: %s",
        b"Feb 28 09:27:37 nap1 kernel: message repeated 3 times: [ %s]",
    ],
)
def test_every_wrapping_of_the_kernel_is_opened(line: bytes) -> None:
    """And what is inside is trusted."""
    opened = envelopes().open(line % DROP + b"\r\n")
    assert opened.message.rstrip(b"]") == DROP
    assert opened.trusted


@pytest.mark.parametrize(
    "line",
    [
        b"Feb 28 09:27:37 nap1 sshd[77]: Invalid user kernel: %s",
        b"Feb 28 09:27:37 nap1 kernel[99]: %s",
        b"Feb 28 09:27:37 nap1 evil kernel: %s",
        b"<13>Feb 28 09:27:37 nap1 kernel: %s",
        b"<14>1 2016-06-21T15:27:15Z host kernel - - - %s",
        b"user.info kernel: %s",
        b"Jul  9 12:00:00 router user.warn kernel: %s",
        b"Jul  9 12:00:00 router evil kern.warn kernel: %s",
        b'data: {"_TRANSPORT":"stdout","MESSAGE":"%s"}',
        b"12,1234,567890123,-;%s",
    ],
)
def test_what_others_wrote_is_not_trusted(line: bytes) -> None:
    """User names, tags with a process, and facilities of users."""
    assert not envelopes().open(line % DROP).trusted


def test_a_host_that_stamps_always_stamps() -> None:
    """`logger -t kernel` has no printk time."""
    opened = envelopes()
    assert opened.open(b"Jul 28 18:57:32 PC kernel: [538538.407269] " + DROP).trusted
    assert not opened.open(b"Jul 28 18:57:33 PC kernel: " + DROP).trusted
    assert opened.open(b"Jul 28 18:57:33 other kernel: " + DROP).trusted


@pytest.mark.parametrize("message", [DROP.decode(), list(DROP)])
def test_a_journal_is_trusted_by_its_own_fields(message: object) -> None:
    """Those with an underscore; a message may be an array of bytes."""
    entry = {"MESSAGE": message, "__REALTIME_TIMESTAMP": "1690000000000000", "PRIORITY": "6"}
    kernel = envelopes().open(json.dumps({**entry, "_TRANSPORT": "kernel"}).encode())
    forged = envelopes().open(
        json.dumps({**entry, "_TRANSPORT": "syslog", "SYSLOG_IDENTIFIER": "kernel"}).encode()
    )
    assert (kernel.message, kernel.at, kernel.trusted) == (DROP, 1.69e9, True)
    assert not forged.trusted


def test_the_digits_of_parts_of_a_second_are_found() -> None:
    """In both forms of a stamp, and behind a priority."""
    iso = stamp_of(b"2004-02-28T09:27:37.123456+01:00 nap1 kernel: x")
    bsd = stamp_of(b"<4>Feb 28 09:27:37.12 nap1 kernel: x")
    assert iso == Stamp(0, 32, 20, 26)
    assert bsd == Stamp(3, 21, 19, 21)
    assert stamp_of(b"nap1 kernel: x") is None


@pytest.mark.parametrize(
    ("before", "at"),
    [
        (b"Tue 2019-07-09 12:00:00 UTC", 1_562_673_600.0),
        (b"Tue 2019-07-09 12:00:00.250000 GMT", 1_562_673_600.25),
        (b"Tue 2019-07-09 12:00:00 -03", 1_562_684_400.0),
        (b"Tue 2019-07-09 12:00:00 +0530", 1_562_653_800.0),
        (b"1562673600.250000", 1_562_673_600.25),
    ],
)
def test_what_journalctl_prints_has_a_time(before: bytes, at: float) -> None:
    """In its forms `short-full` and `short-unix`."""
    assert envelopes().open(before + b" web kernel: " + DROP).at == at


def test_the_name_of_a_zone_is_not_guessed() -> None:
    """CEST, IST and EST are several each: the operator's word counts, and that is said."""
    opener = envelopes()
    assert opener.open(b"Tue 2019-07-09 12:00:00 CEST web kernel: x").at == 1_562_673_600.0
    assert opener.clock.assumption().ambiguous == ("the zone CEST is read as UTC",)


@pytest.mark.parametrize("before", [b"data: ", b"\x1e"])
def test_entries_of_a_stream_of_json_are_opened(before: bytes) -> None:
    """As `journalctl -o json-sse` and `-o json-seq` print them."""
    opened = envelopes().open(before + b'{"_TRANSPORT":"kernel","MESSAGE":"%s"}' % DROP)
    assert (opened.message, opened.trusted) == (DROP, True)
