"""A recording may be damaged, or made by whoever broke into the machine: it is judged still."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodwall.audit.archive import parse_archive
from floodwall.audit.check import Status
from floodwall.audit.reader import read_facts
from floodwall.audit.report import Report, audit
from floodwall.audit.terminal import report_lines
from floodwall.core.errors import ConfigError

TEXTS = [path.read_text() for path in sorted((Path(__file__).parent / "machines").iterdir())]
NUMBERS = st.sampled_from(
    [
        "-1",
        "0",
        "1",
        "255",
        "256",
        "4294967296",
        "9" * 400,
        "9" * 5000,
        "",
        "x",
        "1e9",
        "\x00",
        "0x7",
    ]
)


def judged(text: str) -> Report:
    """Audit a recording."""
    return audit(read_facts(parse_archive(text)))


@pytest.mark.slow
@settings(max_examples=400)
@given(st.sampled_from(TEXTS), st.integers(0, 200), NUMBERS)
def test_no_number_is_too_strange(text: str, place: int, number: str) -> None:
    """Whatever stands where a number belongs, there is a report."""
    found = list(re.finditer(r"\d+", text))
    match = found[place % len(found)]
    changed = text[: match.start()] + number + text[match.end() :]
    try:
        report = judged(changed)
    except ConfigError:
        return
    assert list(report_lines(report, everything=True))


@pytest.mark.slow
@settings(max_examples=200)
@given(st.sampled_from(TEXTS), st.integers(0), st.integers(1, 300), st.binary(max_size=20))
def test_no_damage_is_too_great(text: str, start: int, length: int, junk: bytes) -> None:
    """A piece that is missing or replaced costs what it said, not the report."""
    start %= len(text)
    changed = text[:start] + junk.decode("latin-1") + text[start + length :]
    try:
        report = judged(changed)
    except ConfigError:
        return
    assert list(report_lines(report))


@pytest.mark.parametrize(
    "text",
    [
        "=== /etc/sysctl.d/a.conf -> a.conf\n=== sysctl\n\tnet.core.somaxconn = 1\n",
        "=== /var/lib/floodwall/rehearsal.json\n\t" + "[" * 100_000 + "\n",
        (
            "=== /sys/class/net/e/flags\n\t1\n=== /proc/interrupts\n\tCPU0\n\t1: e\n"
            "=== /proc/irq/1/smp_affinity_list\n\t0-99999999999\n"
        ),
        "=== $ nft -t list ruleset\n\t" + "tcp flags syn " * 20_000 + "\n",
        "=== sysctl\n\tnet.ipv4.tcp_synack_retries = 999999999999\n\tkernel.osrelease = 6.1\n",
    ],
    ids=["a link to itself", "a deep note", "many CPUs", "a long rule", "patience for ever"],
)
@pytest.mark.timeout(5)
def test_nothing_goes_on_for_ever(text: str) -> None:
    """Neither in a circle nor in depth."""
    assert judged(text).judged


def test_a_number_that_no_kernel_takes_is_not_judged() -> None:
    """Nor counted with."""
    text = TEXTS[0].replace("tcp_synack_retries = 5", "tcp_synack_retries = 4096")
    (answer,) = [each for each in judged(text).judged if each.check.id == "synack-retries"]
    assert answer.outcome.status is Status.UNREADABLE
