"""The sums are those of the kernel that the machine runs."""

import pytest

from floodwall.audit.arithmetic import breaking_rate, lifetime_s, slots
from floodwall.audit.facts import Release
from tests.support.audit import machine, sysctl

NEW, OLD, ANCIENT = Release(6, 18), Release(3, 16), Release(2, 6)


@pytest.mark.parametrize(
    ("release", "retries", "seconds"),
    [(NEW, 5, 63), (NEW, 3, 15), (NEW, 0, 1), (ANCIENT, 5, 189), (ANCIENT, 1, 9)],
)
def test_how_long_an_entry_stays(release: Release, retries: int, seconds: int) -> None:
    """The first wait was 3 s before 3.1."""
    assert lifetime_s(retries, release) == seconds


@pytest.mark.parametrize(
    ("release", "backlog", "changes", "room"),
    [
        (NEW, 511, {}, 511),
        (NEW, 8192, {}, 4096),
        (NEW, 511, {"tcp_syncookies": "0", "tcp_max_syn_backlog": "256"}, 192),
        (OLD, 511, {}, 512),
        (OLD, 511, {"tcp_max_syn_backlog": "128"}, 256),
        (OLD, 3, {}, 16),
    ],
)
def test_what_limits_the_queue(
    release: Release, backlog: int, changes: dict[str, str], room: int
) -> None:
    """The backlog from 4.4 on, the next power of two of the smallest of three before."""
    assert slots(backlog, sysctl(changes)(machine()).here, release)[0] == room


def test_the_flood_that_fills_512_entries_is_eight_a_second() -> None:
    """Entries by their lifetime, as measured with nginx."""
    rate, text = breaking_rate(512, 5, NEW)
    assert round(rate) == 8
    assert text == "512 entries / 63 s = 8.13 SYN/s"
