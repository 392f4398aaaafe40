"""The published schema of the JSON, and that what is printed fits it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from floodwall.app.replay import Replayed, Second
from floodwall.app.replay_report import replay_document
from floodwall.core.address import parse_address
from floodwall.forensics.account import Account, account_of
from floodwall.forensics.evidence import Format
from floodwall.forensics.finding import Kind
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.outputs.document import SCHEMA, as_json, document
from floodwall.forensics.partial import Packets
from tests.support.evidence import account_of_rows, flood_rows, golden_log, handshake_rows
from tests.support.schema import faults
from tests.support.tree import ROOT, text
from tests.support.truths import ABSENT

PUBLISHED = json.loads(text("docs/analyze.schema.json"))
DATA = Path(os.environ.get("FLOODWALL_SHARED_DATA") or ROOT.parent / "shared" / "data")
SMALL = 100_000
FILES = [path for path in sorted(DATA.rglob("*")) if path.is_file() and path.stat().st_size < SMALL]


def wrong(account: Account) -> list[str]:
    """Return where the printed account does not fit, read back as a program does."""
    return list(faults(json.loads(as_json(account)), PUBLISHED, PUBLISHED))


def words(schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield every word of a schema with what it says."""
    if isinstance(schema, dict):
        for name, told in schema.items():
            yield name, told
            yield from words(told)
    elif isinstance(schema, list):
        for told in schema:
            yield from words(told)


def test_accounts_of_every_kind_of_evidence_fit(tmp_path: Path) -> None:
    """A log, captures with and without answers, a scan, and a file that is none."""
    log = tmp_path / "kern.log"
    log.write_text(golden_log(seconds=300, addresses=20).text + "Feb 28 08:00:00 h kernel: x\n")
    accounts = [
        account_of(read_input(str(log), Options(year=2004))),
        account_of(read_input(str(tmp_path / "gone"), Options())),
        account_of_rows(flood_rows(400)),
        account_of_rows([*handshake_rows(30), *flood_rows(300)]),
        Account((), (), (), Packets()),
    ]
    assert [wrong(account) for account in accounts] == [[], [], [], [], []]
    assert sum(len(account.findings) for account in accounts) >= 3


def test_times_of_the_log_of_a_machine_without_a_clock_fit(tmp_path: Path) -> None:
    """They are durations."""
    log = tmp_path / "dmesg"
    lines = [f"[{n:5}.250000] TCP: drop open request from 192.0.2.{n}/9" for n in range(60)]
    log.write_text("\n".join(lines) + "\n")
    assert wrong(account_of(read_input(str(log), Options()))) == []


@pytest.mark.skipif(not FILES, reason=ABSENT)
def test_accounts_of_the_small_shared_files_fit() -> None:
    """Whatever they hold; test_shared_data.py tells where they are."""
    bad = {path.name: wrong(account_of(read_input(str(path), Options()))) for path in FILES}
    assert {name: found for name, found in bad.items() if found} == {}


def test_a_replay_fits() -> None:
    """As it is printed beside an account."""
    found = Replayed(1, 511, 3, reasons={"pass": 3}, series={9: Second(3)}, notes=["x"])
    found.touched[parse_address("192.0.2.1")] = 1
    whole = json.loads(as_json(Account((), (), (), Packets()), replay_document(found)))
    assert list(faults(whole, PUBLISHED, PUBLISHED)) == []


def test_the_schema_knows_every_kind_and_format() -> None:
    """In the same order of severity."""
    finding = PUBLISHED["properties"]["findings"]["items"]["properties"]
    assert finding["kind"]["enum"] == [kind.value for kind in Kind]
    assert PUBLISHED["properties"]["verdict"]["enum"] == [*(kind.value for kind in Kind), "none"]
    formats = PUBLISHED["properties"]["inputs"]["items"]["properties"]["format"]["enum"]
    assert formats == [form.value for form in Format]
    assert PUBLISHED["properties"]["schema"]["const"] == SCHEMA


def test_members_that_programs_rely_on_are_required() -> None:
    """None may be left out without a new version."""
    assert set(PUBLISHED["required"]) == set(document(Account((), (), (), Packets())))
    finding = PUBLISHED["properties"]["findings"]["items"]
    assert set(finding["required"]) == set(finding["properties"])


def test_every_member_is_described_in_words() -> None:
    """A name alone tells nobody its unit."""
    members = [told for name, told in words(PUBLISHED) if name == "properties"]
    assert len(members) > 15
    silent = [
        name
        for told in members
        for name, schema in told.items()
        if not schema.get("description") and "$ref" not in schema
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"verdict": "storm"}, "$.verdict is against enum"),
        ({"attack": 1}, "$.attack is no boolean"),
        ({"schema": "floodwall.analyze/2"}, "$.schema is against const"),
        ({"more": 1}, "$.more is not described"),
        ({"hints": [{}]}, "$.hints[0] has no name"),
        ({"hints": {}}, "$.hints is no array"),
    ],
)
def test_a_document_that_does_not_fit_is_seen(change: dict[str, Any], fault: str) -> None:
    """The check can fail."""
    made = document(Account((), (), (), Packets())) | change
    assert next(faults(made, PUBLISHED, PUBLISHED)).startswith(fault)


def test_a_member_that_is_missing_is_seen() -> None:
    """At any depth."""
    made = json.loads(as_json(account_of_rows(flood_rows(200))))
    finding = made["findings"][0]
    del finding["sources"]["distinct"]
    finding["start"], finding["confidence"] = "yesterday", 1.5
    found = sorted(faults(made, PUBLISHED, PUBLISHED))
    assert len(found) == 3
    assert found[0] == "$.findings[0].confidence is against maximum 1: 1.5"
    assert found[1] == "$.findings[0].sources has no distinct"
    assert found[2].startswith("$.findings[0].start is against pattern")
