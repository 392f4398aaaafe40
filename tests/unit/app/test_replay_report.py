"""A replay for a reader and for machines."""

from __future__ import annotations

import json
from ipaddress import ip_address

from floodwall.app.replay import Replayed, Second
from floodwall.app.replay_report import replay_document, replay_lines


def test_calm_is_said_to_be_calm() -> None:
    """Nothing challenged, nothing dropped, nobody touched."""
    found = Replayed(1, 511, frames=3, passed=3, real=1, series={100: Second(passed=3)})
    text = "\n".join(replay_lines(found))

    assert "calm throughout" in text
    assert "none of these sources" in text


def test_who_would_have_been_hurt_is_named() -> None:
    """With how often, and when it happened."""
    found = Replayed(
        1, 511, challenged=9, dropped=2, real=1,
        series={100: Second(passed=1), 103: Second(challenged=9, dropped=2)},
        touched={ip_address("198.51.100.7"): 2}, notes=["a note"],
    )  # fmt: skip
    text = "\n".join(replay_lines(found))

    assert "from 3 s to 3 s" in text
    assert "198.51.100.7" in text
    assert "a note" in text


def test_json_holds_all_of_it() -> None:
    """And nothing that JSON cannot hold."""
    found = Replayed(1, 511, series={7: Second(1, 2, 3)}, touched={ip_address("2001:db8::7"): 4})
    document = json.loads(json.dumps(replay_document(found)))

    assert document["series"] == [{"at": 7, "passed": 1, "challenged": 2, "dropped": 3}]
    assert document["touched"] == [{"address": "2001:db8::7", "dropped": 4}]
    assert document["backlog"] == 511
