"""Recordings of machines from 2.6.32 to 6.18 are diagnosed like this one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodwall.core.diagnosis.ailment import Ailment, Diagnosis, Severity
from floodwall.core.diagnosis.diagnose import diagnose
from floodwall.core.errors import ConfigError
from floodwall.doctor.recorded import examine_recorded
from tests.support.proc_trees import GENERATIONS, Generation, State, recording

EACH = pytest.mark.parametrize("generation", GENERATIONS, ids=lambda one: one.release)
LATER_S = 86_402.0
QUIET = State()


def told(
    generation: Generation, before: State, after: State, speeds: dict[str, int] | None = None
) -> Diagnosis:
    """Diagnose a recording."""
    return diagnose(examine_recorded(recording(generation, before, after), speeds or {}))


def ailments(diagnosis: Diagnosis) -> list[tuple[Ailment, Severity]]:
    """Return what was found."""
    return [(finding.ailment, finding.severity) for finding in diagnosis.findings]


@EACH
def test_a_machine_that_is_well_has_nothing(generation: Generation) -> None:
    """And what such a recording cannot tell is said."""
    diagnosis = told(generation, QUIET, State(uptime_s=LATER_S, received_packets=50_000))

    assert diagnosis.findings == ()
    assert diagnosis.verdict == "nothing found: 1 listeners, none of them tried, no queue fills"
    assert len(diagnosis.unseen) == 5


@EACH
def test_what_ss_tells_makes_sure_of_a_slow_application(generation: Generation) -> None:
    """The same queue is a guess without it, and has a name with it."""
    before, after = State(waiting=6), State(LATER_S, {"ListenOverflows": 4}, waiting=6)
    text = recording(generation, before, after)
    line = 'LISTEN 6 5 192.0.2.10:80 0.0.0.0:* users:(("slow-app",pid=7,fd=3)) ino:15310'
    for more, sure, name in ((f"\n==> ss <==\n{line}\n", 0.9, "slow-app"), ("", 0.0, "")):
        diagnosis = diagnose(examine_recorded(text + more, {}))
        (finding,) = diagnosis.findings
        assert finding.ailment is Ailment.SLOW_APPLICATION
        assert (finding.confidence > 0.6) == (sure > 0.6)
        assert name in finding.summary
        assert ("ss was not there" in str(diagnosis.unseen)) == (not more)


@EACH
def test_a_flood_without_cookies_is_critical(generation: Generation) -> None:
    """SYNs are dropped, and the queue is full of old entries."""
    after = State(
        LATER_S, {"ListenDrops": 4000}, half_open=256, stale=250, cookies=0
    )  # fmt: skip
    diagnosis = told(generation, State(cookies=0, half_open=256, stale=250), after)

    assert ailments(diagnosis) == [(Ailment.SYN_FLOOD, Severity.CRITICAL)]
    assert diagnosis.verdict.startswith("192.0.2.10:80 is SYN flooded, its queue is full")
    assert diagnosis.remedies[0].command == "sysctl -w net.ipv4.tcp_syncookies=1"


@EACH
def test_a_flood_that_cookies_hold_is_a_warning(generation: Generation) -> None:
    """They are sent, and do not come back."""
    after = State(LATER_S, {"SyncookiesSent": 9000}, half_open=256, stale=250)

    assert ailments(told(generation, QUIET, after)) == [(Ailment.SYN_FLOOD, Severity.WARNING)]


@EACH
def test_an_application_that_hangs_is_named(generation: Generation) -> None:
    """Its queue stands, and somebody is refused."""
    after = State(LATER_S, {"ListenOverflows": 4, "ListenDrops": 4}, waiting=6)
    diagnosis = told(generation, State(waiting=6), after)

    assert ailments(diagnosis) == [(Ailment.SLOW_APPLICATION, Severity.CRITICAL)]


@EACH
def test_tables_links_and_queues_are_read(generation: Generation) -> None:
    """Connection tracking, a link whose speed the operator knows, and softnet_stat."""
    after = State(
        LATER_S,
        tracked=65_536,
        track_drops=80,
        softnet_drops=90,
        received_bytes=QUIET.received_bytes + 24_000_000,
    )

    assert ailments(told(generation, QUIET, after, {"eth0": 100_000_000})) == [
        (Ailment.LINK_SATURATED, Severity.CRITICAL),
        (Ailment.CONNTRACK_FULL, Severity.CRITICAL),
        (Ailment.RECEIVE_OVERLOAD, Severity.CRITICAL),
    ]


@EACH
def test_few_sources_that_hold_most_and_ports_that_are_tried(generation: Generation) -> None:
    """A guess where /proc does not tell who speaks; resets tell of a scan."""
    after = State(
        LATER_S, tcp={"OutRsts": 400, "PassiveOpens": 970}, established=("203.0.113.7",) * 70
    )

    assert ailments(told(generation, QUIET, after)) == [
        (Ailment.CONNECTION_FLOOD, Severity.WARNING),
        (Ailment.SYN_SCAN, Severity.WARNING),
    ]


def test_a_recording_with_one_look_is_refused() -> None:
    """A window has two ends."""
    whole = recording(GENERATIONS[-1], QUIET, QUIET)
    half = whole[: len(whole) // 2 - 10]

    with pytest.raises(ConfigError, match="holds 1 looks"):
        examine_recorded(half, {})
    with pytest.raises(ConfigError, match="holds 0 looks"):
        examine_recorded("ssh: connection refused\n", {})


def test_two_looks_need_a_time_between_them() -> None:
    """Neither none, nor a day, nor what is no time."""
    generation = GENERATIONS[-1]
    for later in ("86400.00", "86395.00", "172800.00", "nan", "inf"):
        text = recording(generation, QUIET, State(LATER_S)).replace("86402.00", later)
        with pytest.raises(ConfigError, match="not up to an hour apart"):
            examine_recorded(text, {})


@settings(max_examples=150)
@given(
    st.sampled_from(GENERATIONS),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(max_size=6)), min_size=1, max_size=12),
)
def test_no_recording_is_worse_than_damaged(
    generation: Generation, changes: list[tuple[int, bytes]]
) -> None:
    """Bytes changed anywhere: a diagnosis of one line, or one error of ours."""
    state = State(LATER_S, {"ListenDrops": 90}, half_open=6, stale=3, established=("203.0.113.7",))
    raw = bytearray(recording(generation, QUIET, state).encode())
    for place, change in changes:
        at = place % len(raw)
        raw[at : at + len(change)] = change
    try:
        diagnosis = diagnose(examine_recorded(raw.decode(errors="replace"), {"eth0": 1000}))
    except ConfigError:
        return

    assert len(diagnosis.verdict) > 10
    assert all(0.5 <= finding.confidence < 1 for finding in diagnosis.findings)


def test_a_damaged_recording_is_refused_in_one_line() -> None:
    """Numbers that are none."""
    whole = recording(GENERATIONS[-1], QUIET, QUIET).replace("Tcp: 5 900", "Tcp: five 900")

    with pytest.raises(ConfigError, match="is damaged"):
        examine_recorded(whole, {})
