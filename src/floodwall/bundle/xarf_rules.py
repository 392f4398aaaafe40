"""What XARF 4.2.0 asks of a report of type `connection/ddos` about an address, in our own words.

Source: xarf-core.json and types/connection-ddos.json of github.com/xarf/xarf-spec, March 2026.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Final
from uuid import UUID

Judge = Callable[[Any], bool]

_VERSION: Final = re.compile(r"4\.\d+\.\d+")
_TAG: Final = re.compile(r"[a-z0-9][a-z0-9_+-]*:[a-z0-9][a-z0-9_+-]*")
_HASH: Final = re.compile(r"(?:md5|sha1|sha256|sha512):[0-9a-fA-F]+")
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_EVIDENCE_BYTES: Final = 5_242_880


def violations(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the format does not allow, member by member."""
    for name, judge in _REQUIRED.items():
        if name not in report:
            yield f"{name} is missing"
        elif not judge(report[name]):
            yield f"{name} is wrong"
    for name, judge in _OPTIONAL.items():
        if name in report and not judge(report[name]):
            yield f"{name} is wrong"


def _text(longest: int) -> Judge:
    return lambda value: isinstance(value, str) and len(value) <= longest


def _one_of(*words: str) -> Judge:
    return lambda value: value in words


def _matches(pattern: re.Pattern[str]) -> Judge:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_time(value: Any) -> bool:
    """RFC 3339: a date, a time and an offset."""
    try:
        return "T" in value and datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _is_uuid(value: Any) -> bool:
    try:
        return str(UUID(value)) == value and UUID(value).version == 4
    except (TypeError, ValueError, AttributeError):
        return False


def _is_address(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(ip_address(value))
    except ValueError:
        return False


def _is_port(value: Any) -> bool:
    return type(value) is int and 0 < value < 65536


def _is_contact(value: Any) -> bool:
    asked: dict[str, Judge] = {
        "org": _text(200),
        "contact": _matches(_MAIL),
        "domain": _matches(_DOMAIN),
    }
    return (
        isinstance(value, dict)
        and value.keys() == asked.keys()
        and all(judge(value[name]) for name, judge in asked.items())
    )


def _is_evidence(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 50 and all(map(_is_item, value))


def _is_item(value: Any) -> bool:
    known: dict[str, Judge] = {
        "content_type": _text(200),
        "payload": lambda payload: isinstance(payload, str),
        "description": _text(500),
        "hash": _matches(_HASH),
        "size": lambda size: type(size) is int and 0 <= size <= _EVIDENCE_BYTES,
    }
    return (
        isinstance(value, dict)
        and {"content_type", "payload"} <= value.keys() <= known.keys()
        and all(known[name](part) for name, part in value.items())
    )


_REQUIRED: Final[dict[str, Judge]] = {
    "xarf_version": _matches(_VERSION),
    "report_id": _is_uuid,
    "timestamp": _is_time,
    "reporter": _is_contact,
    "sender": _is_contact,
    "source_identifier": _is_address,
    "source_port": _is_port,
    "category": _one_of("connection"),
    "type": _one_of("ddos"),
    "protocol": _one_of("tcp", "udp", "icmp", "sctp"),
    "first_seen": _is_time,
}
_OPTIONAL: Final[dict[str, Judge]] = {
    "evidence_source": _one_of(
        *("firewall_logs", "ids_detection", "flow_analysis", "traffic_monitoring", "honeypot")
    ),
    "destination_ip": _is_address,
    "destination_port": _is_port,
    "attack_vector": lambda value: isinstance(value, str),
    "last_seen": _is_time,
    "mitigation_applied": lambda value: isinstance(value, bool),
    "description": _text(1000),
    "evidence": _is_evidence,
    "tags": lambda value: (
        isinstance(value, list) and len(value) <= 20 and all(map(_matches(_TAG), value))
    ),
}
