"""The rows of the record."""

import json
import math
from ipaddress import ip_network

from floodwall.core.decision import Act
from floodwall.core.verdict import Kind
from floodwall.store.statements import (
    LONGEST_TEXT,
    About,
    action,
    clip,
    decision,
    event,
    insert,
    span,
    to_json,
    undo,
    verdict,
)
from tests.support.records import BEGAN_NS, HOUR_NS, WALL_NS, moment
from tests.support.records import decision as made
from tests.support.records import verdict as found

ABOUT = About(3, "*:80 nginx", "key.1")


def test_a_row_belongs_to_its_run_and_is_found_by_keys() -> None:
    """No number of another row is ever written by the loop."""
    sql, values = insert("actions", {"key": "k", "decision": "d"})

    assert sql == (
        "INSERT INTO actions (run, key, decision)"
        " VALUES (:run, :key, (SELECT id FROM decisions WHERE key = :decision))"
    )
    assert values == {"key": "k", "decision": "d"}


def test_a_decision_keeps_its_evidence_and_its_end_on_both_clocks() -> None:
    """Nothing of it is left out."""
    network = ip_network("198.51.100.0/24")
    decided = made(Act.BAN, network=network, until_ns=BEGAN_NS + HOUR_NS, who="uid 0 (root)")
    _, values = decision(moment(), "k", decided, ABOUT)

    assert isinstance(values, dict)
    assert values["until_wall_ns"] == WALL_NS + HOUR_NS
    assert values["network"] == "198.51.100.0/24"
    assert values["first"] + values["last"] == bytes(10) + b"\xff\xff\xc6\x33\x64\x00" + (
        bytes(10) + b"\xff\xff\xc6\x33\x64\xff"
    )
    assert values["who"] == "uid 0 (root)"
    assert values["incident"] == "key.1"
    assert json.loads(values["evidence"]) == [
        {"name": "silent", "value": 70, "limit": 64, "text": "70 silent connections"}
    ]


def test_a_verdict_keeps_its_spoof_index() -> None:
    """With its interval; a verdict without one has none."""
    _, values = verdict(moment(), found(Kind.SPOOFED_FLOOD), ABOUT)

    assert isinstance(values, dict)
    assert (values["spoof_low"], values["spoof_index"], values["spoof_high"]) == (0.98, 0.99, 0.995)
    assert values["kind"] == "spoofed_flood"


def test_any_text_can_be_written() -> None:
    """A reason comes from outside: it may be long, or no text at all."""
    assert clip("a\0b\ud800") == "ab?"
    assert len(clip("x" * 10_000)) == LONGEST_TEXT
    _, values = event(moment(), "note", "y" * 10_000)
    assert isinstance(values, dict)
    assert len(values["text"]) == LONGEST_TEXT


def test_what_is_no_number_in_json_is_null() -> None:
    """And what JSON does not know is written as its text."""
    assert to_json({"a": math.inf, "b": math.nan}) == '{"a":null,"b":null}'
    assert to_json([ip_network("::1/128")]) == '["::1/128"]'


def test_details_that_are_too_long_are_left_out() -> None:
    """Thousands of entries say no more than their number."""
    _, values = action(moment(), "k", "DestroyHalfOpen", "s", {"entries": ["x" * 100] * 100})

    assert isinstance(values, dict)
    assert values["details"] == "{}"


def test_an_undo_names_what_it_undoes() -> None:
    """One row a command that it may take back."""
    _, values = undo("k", ("Ban", "Other"), "198.51.100.7/32")

    assert isinstance(values, list)
    assert [each["command"] for each in values] == ["Ban", "Other"]


def test_a_network_spans_its_addresses() -> None:
    """IPv6 as it is, IPv4 mapped."""
    first, last = span(ip_network("2001:db8::/64"))

    assert first.hex() == "20010db8" + "0" * 24
    assert last.hex() == "20010db8" + "0" * 8 + "f" * 16
