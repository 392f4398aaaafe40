"""X-ARF reports."""

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from floodwall.bundle.sources import Source
from floodwall.bundle.telling import Material
from floodwall.bundle.victim import victim_of
from floodwall.bundle.xarf import as_bytes, port_of, xarf_of
from floodwall.bundle.xarf_rules import violations
from tests.support.cases import ABUSER, EVIL, REPORTER, case_in, material_of, write_record


@pytest.fixture
def made(tmp_path: Path) -> Material:
    """Keep a flood with two abusers."""
    return material_of(case_in(write_record(tmp_path)))


def report(made: Material, source: Source | None = None) -> dict[str, Any]:
    """Return the report about the first of the accused."""
    return xarf_of(made.case, source or made.accused[0], made.victim, REPORTER)


def test_it_says_who_did_what_to_whom(made: Material) -> None:
    """In the words of the format."""
    found = report(made)

    assert found["source_identifier"] == ABUSER
    assert (found["source_port"], found["destination_port"]) == (40_001, 80)
    assert found["destination_ip"] == "192.0.2.80"
    assert (found["category"], found["type"]) == ("connection", "ddos")
    assert found["reporter"] == {
        "org": "Example Hosting",
        "contact": "noc@example.net",
        "domain": "example.net",
    }
    assert "900 connections open, more than 300" in found["description"]
    assert found["mitigation_applied"] is True
    assert list(violations(found)) == []


def test_the_evidence_is_whole(made: Material) -> None:
    """Its hash and its size are those of its content."""
    (item,) = report(made)["evidence"]
    content = base64.b64decode(item["payload"])

    assert item["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert item["size"] == len(content)
    assert b"by rule limits.concurrent" in content


def test_the_same_report_made_again_is_the_same(made: Material) -> None:
    """A desk that gets it twice can tell; another source has another name."""
    first, second = made.accused
    assert as_bytes(report(made)) == as_bytes(report(made))
    assert report(made, first)["report_id"] != report(made, second)["report_id"]


def test_what_is_not_known_is_left_out(made: Material) -> None:
    """An old record has no port, and a machine behind a translation no address."""
    evidence = [{"name": "concurrent_connections", "value": 9, "limit": 3}]
    source = made.accused[0]
    old = replace(source, decisions=[replace(source.decisions[0], evidence=evidence)])
    found = xarf_of(made.case, old, victim_of("this machine", ()), REPORTER)

    assert port_of(old) == 0
    assert not {"source_port", "destination_ip", "destination_port"} & found.keys()
    assert list(violations(found)) == ["source_port is missing"]


def test_hostile_words_stay_words(made: Material) -> None:
    """No control character, and nothing longer than the format takes."""
    source = made.accused[0]
    row = replace(source.decisions[0], text=EVIL * 99, evidence=[{"text": EVIL * 99}])
    many = replace(source, decisions=[row] * 30)
    found = xarf_of(made.case, many, made.victim, REPORTER)
    text = base64.b64decode(found["evidence"][0]["payload"]).decode()

    assert len(found["description"]) <= 1000
    assert "\x1b" not in text + found["description"]
    assert "\nBcc" not in text
    assert text.endswith("10 more decisions of the same kind\n")
    assert json.loads(as_bytes(found)) == found
