"""Programs get JSON by its schema, and SARIF that keeps its rules."""

import json

import pytest

from floodwall.audit.baseline import Accepted, Baseline
from floodwall.audit.document import SCHEMA, as_json, as_sarif
from floodwall.audit.report import Report, audit
from tests.support.audit import FAILING, blind, both, machine
from tests.support.sarif import sarif_faults
from tests.support.schema import faults
from tests.support.tree import text

EXAMPLES = [audit(machine()), audit(blind()), audit(both(*FAILING.values())(machine()))]
ACCEPTED = Baseline((Accepted("clock", "", "no network", "2027-01-31"),))


@pytest.mark.parametrize("report", EXAMPLES, ids=["well", "blind", "ill"])
def test_the_json_keeps_its_schema(report: Report) -> None:
    """Well, blind or ill; and it says which schema."""
    schema = json.loads(text("docs/audit.schema.json"))
    document = json.loads(json.dumps(as_json(report)))
    assert list(faults(document, schema, schema)) == []
    assert schema["properties"]["schema"]["const"] == SCHEMA == document["schema"]


@pytest.mark.parametrize("report", EXAMPLES, ids=["well", "blind", "ill"])
def test_the_sarif_keeps_the_rules_of_its_standard(report: Report) -> None:
    """Those that a reader stumbles over."""
    assert list(sarif_faults(json.loads(json.dumps(as_sarif(report))))) == []


def test_a_wrong_sarif_is_seen() -> None:
    """The rules above are not empty words."""
    log = as_sarif(EXAMPLES[2])
    result = log["runs"][0]["results"][0]
    result |= {"kind": "pass", "level": "error", "ruleIndex": 3, "message": {"text": ""}}
    assert len(list(sarif_faults(log))) == 3


def test_an_accepted_finding_is_suppressed_with_its_reason() -> None:
    """It stays a result, as SARIF wants it."""
    log = as_sarif(audit(FAILING["clock"](machine()), ACCEPTED, "2026-06-01"))
    results = log["runs"][0]["results"]
    (result,) = [each for each in results if each["ruleId"] == "clock"]
    assert result["suppressions"] == [{"kind": "external", "justification": "no network"}]


def test_a_line_of_a_file_is_a_place_in_it() -> None:
    """So that an editor can go there."""
    log = as_sarif(audit(FAILING["contradicting-baseline"](machine())))
    results = log["runs"][0]["results"]
    (result,) = [each for each in results if each["ruleId"] == "contradicting-baseline"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "file:///etc/sysctl.d/90-hardening.conf"
    assert physical["region"] == {"startLine": 3}


def test_two_runs_give_a_finding_the_same_fingerprint() -> None:
    """Two subjects do not."""
    first, second = (as_sarif(EXAMPLES[2])["runs"][0]["results"] for _ in range(2))
    marks = [each["partialFingerprints"]["checkAndSubject/v1"] for each in first]
    assert marks == [each["partialFingerprints"]["checkAndSubject/v1"] for each in second]
    assert len(set(marks)) == len({(each["ruleId"], str(each["locations"])) for each in first})
