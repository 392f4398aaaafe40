"""What the format asks."""

from typing import Any

import pytest

from floodwall.bundle.xarf_rules import violations

CONTACT = {"org": "Example", "contact": "noc@example.net", "domain": "example.net"}
RIGHT: dict[str, Any] = {
    "xarf_version": "4.2.0",
    "report_id": "cb81e759-c1d5-47f7-970a-140315c59b5c",
    "timestamp": "2027-01-15T08:00:05.000+00:00",
    "reporter": CONTACT,
    "sender": CONTACT,
    "source_identifier": "203.0.113.9",
    "source_port": 40001,
    "category": "connection",
    "type": "ddos",
    "protocol": "tcp",
    "first_seen": "2027-01-15T08:00:05Z",
}


def test_a_right_report_violates_nothing() -> None:
    """With or without what is optional."""
    more = {
        "destination_ip": "2001:db8::1",
        "destination_port": 443,
        "evidence": [{"content_type": "text/plain", "payload": "QQ==", "hash": "sha256:0a"}],
        "tags": ["attack:connection-flood"],
        "mitigation_applied": False,
        "unknown_member": 1,
    }
    assert list(violations(RIGHT)) == []
    assert list(violations(RIGHT | more)) == []


@pytest.mark.parametrize("name", RIGHT)
def test_nothing_that_is_required_may_be_missing(name: str) -> None:
    """Each is told by its name."""
    rest = {key: value for key, value in RIGHT.items() if key != name}

    assert list(violations(rest)) == [f"{name} is missing"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("xarf_version", "3.0.0"),
        ("report_id", "cb81e759-c1d5-17f7-970a-140315c59b5c"),
        ("report_id", "no"),
        ("timestamp", "yesterday"),
        ("timestamp", "2027-01-15T08:00:05"),
        ("timestamp", "12345 s after 1970"),
        ("timestamp", None),
        ("reporter", {**CONTACT, "contact": "nobody"}),
        ("reporter", {"org": "Example"}),
        ("sender", {**CONTACT, "phone": "1"}),
        ("sender", {**CONTACT, "org": "x" * 201}),
        ("source_identifier", "203.0.113.0/24"),
        ("source_port", 0),
        ("source_port", "80"),
        ("source_port", True),
        ("category", "messaging"),
        ("protocol", "TCP"),
        ("destination_ip", "*"),
        ("destination_port", 65536),
        ("evidence_source", "hearsay"),
        ("evidence", [{"payload": "QQ=="}]),
        ("evidence", [{"content_type": "text/plain", "payload": "QQ==", "size": 9_999_999}]),
        ("evidence", [{"content_type": "a/b", "payload": "", "more": 1}]),
        ("evidence", "text"),
        ("tags", ["Attack"]),
        ("tags", ["a:b"] * 21),
        ("description", "x" * 1001),
        ("mitigation_applied", "yes"),
        ("last_seen", 5),
    ],
)
def test_what_the_format_does_not_take_is_told(name: str, value: object) -> None:
    """By the member that is wrong."""
    assert list(violations({**RIGHT, name: value})) == [f"{name} is wrong"]
