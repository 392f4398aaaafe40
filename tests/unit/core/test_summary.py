"""The state line."""

import json

from floodwall.core.model import SECOND_NS, Reading
from floodwall.core.observation import SensorFailure
from floodwall.core.summary import Summary, Totals, count, state_line, summarize
from floodwall.core.verdict import Evidence, Kind, Verdict
from tests.support.playbook import START_NS, Playbook, listener, quiet

WEB = (listener(process="nginx"),)


def test_rates_are_growth_by_time() -> None:
    """Of all services together; drops count whatever they hit."""
    book = Playbook() >> quiet(targets=WEB)
    seen = quiet(
        1,
        targets=WEB,
        readings=(Reading(0, syns=300, passed=100, challenged=200, proven=20),),
        reasons={"drop_banned": 30, "drop_bad_ack": 10, "pass_calm_syn": 100},
    )
    book >> seen
    summary = summarize(book.state, seen, Totals(syns=100, challenged=100, dropped=20), 0.5)

    assert summary.rates == Totals(
        syns=400, passed=200, challenged=200, proven=40, dropped=40, bad_acks=0, completed=0
    )
    assert state_line(summary) == (
        "calm   1 service  400 SYN/s  200 passed  200 challenged  40 proven  40 dropped"
    )


def test_counters_that_were_cleared_are_no_rate() -> None:
    """A service that went away takes its counters with it."""
    seen = quiet(1)
    summary = summarize((Playbook() >> seen).state, seen, Totals(syns=100), 1)

    assert summary.rates.syns == 0


def test_armed_services_are_named_with_their_time() -> None:
    """The first by name, the others by number."""
    both = (listener(port=80, process="nginx"), listener(port=443))
    until_ns = START_NS + 60 * SECOND_NS
    readings = (Reading(0, armed_until_ns=until_ns), Reading(1, armed_until_ns=until_ns))
    book = Playbook() >> quiet(targets=both) >> quiet(1, targets=both, readings=readings)
    seen = quiet(13, targets=both, readings=readings)
    book >> seen
    summary = summarize(book.state, seen, Totals(), 1)

    assert state_line(summary).startswith("ARMED  *:80 nginx for 12s and 1 more  0 SYN/s")
    assert json.loads(json.dumps(summary.as_json()))["state"] == "armed"


def test_trouble_is_told_every_second() -> None:
    """An interface that is gone is not calm."""
    seen = quiet(1)
    gone = "eth0 is gone"
    summary = summarize((Playbook() >> seen).state, seen, Totals(), 1, gone)

    assert state_line(summary).endswith("  eth0 is gone")
    assert summary.as_json()["trouble"] == gone


def test_blindness_is_told_every_second() -> None:
    """Silence is not calm."""
    seen = quiet(1, targets=None, failures=(SensorFailure("listeners", "netlink"),))
    summary = summarize((Playbook() >> seen).state, seen, Totals(), 1)

    assert state_line(summary).endswith("cannot see listeners")
    assert summary.as_json()["state"] == "calm"


def test_nothing_seen_counts_nothing() -> None:
    """Counters that could not be read are no counters."""
    assert count(quiet(readings=None)) == Totals()


def test_what_is_not_calm_is_named() -> None:
    """The surest verdict first; JSON has all of it, and little of what is calm."""
    flood = Verdict(0, Kind.SPOOFED_FLOOD, 0.96, START_NS, (Evidence("spoof_index", 1.0),))
    said = {"*:80 nginx": flood, "*:443": Verdict(1, Kind.CALM, 0.95, 0),
            "machine": Verdict(None, Kind.SYN_SCAN, 0.8, 0)}  # fmt: skip
    summary = Summary({}, 2, Totals(), Totals(), (), said)
    told = json.loads(json.dumps(summary.as_json()))["verdicts"]

    assert "  spoofed flood at *:80 nginx (96%) and 1 more  0 SYN/s" in state_line(summary)
    assert told["*:80 nginx"]["evidence"][0]["name"] == "spoof_index"
    assert told["*:443"] == {"kind": "calm", "confidence": 0.95}


def test_verdicts_are_told_by_the_name_of_their_service() -> None:
    """The machine as a whole has a name of its own."""
    seen = quiet(1, targets=WEB, readings=(Reading(0),))
    book = Playbook() >> quiet(targets=WEB) >> seen

    assert set(summarize(book.state, seen, Totals(), 1).verdicts) == {"*:80 nginx", "machine"}


def test_where_nothing_counts_no_figure_is_told() -> None:
    """Zeros would read as calm."""
    book = Playbook() >> quiet(targets=WEB)
    summary = summarize(book.state, quiet(1, targets=WEB, data_plane=False), Totals(), 1.0)

    assert summary.counted is False
    assert state_line(summary).endswith("nothing is counted on this rung")
