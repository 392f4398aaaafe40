"""The account for programs."""

import json
from pathlib import Path

from floodwall.forensics.account import Account, account_of
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.outputs.document import SCHEMA, as_json, document
from floodwall.forensics.partial import Packets
from tests.support.evidence import golden_log


def account(tmp_path: Path) -> Account:
    """Return an account of a short flood."""
    file = tmp_path / "kern.log"
    file.write_text(golden_log(seconds=60, addresses=9).text)
    return account_of(read_input(str(file), Options(year=2004)))


def test_the_document_has_what_programs_rely_on(tmp_path: Path) -> None:
    """Names and units as the published schema says."""
    made = document(account(tmp_path))
    assert made["schema"] == SCHEMA
    assert made["verdict"] == "syn_flood"
    (finding,) = made["findings"]
    assert finding["start"] == "2004-02-28T07:43:10+00:00"
    assert finding["victims"] == [{"address": None, "port": 0}]
    requests = finding["requests"]
    assert requests["total"] == requests["observed"] + requests["suppressed"]
    assert set(finding["rate"]) >= {"mean", "peak", "lowest"}
    assert set(finding["sources"]) >= {"distinct", "exact", "top"}
    assert finding["spoofing"]["index"] is None
    assert finding["spoofing"]["basis"]
    assert made["inputs"][0]["format"] == "log"


def test_the_text_is_ascii(tmp_path: Path) -> None:
    """And it is what was meant."""
    made = account(tmp_path)
    text = as_json(made)
    assert text.isascii()
    assert json.loads(text) == json.loads(json.dumps(document(made)))


def test_no_evidence_is_no_verdict() -> None:
    """Not an error."""
    made = document(Account((), (), (), Packets()))
    assert (made["verdict"], made["attack"], made["findings"]) == ("none", False, [])
