"""Floodwall's own incidents as evidence."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.verdict import Kind as LiveKind
from floodwall.forensics.account import account_of
from floodwall.forensics.evidence import Format
from floodwall.forensics.finding import OF_LIVE
from floodwall.forensics.incidents import read_incidents
from floodwall.forensics.inputs import Options, read_input
from floodwall.store.rows import IncidentRow

ROW = {
    "id": 12, "service": "192.0.2.1:443", "kind": "spoofed_flood", "rule": "",
    "opened": "2026-02-28T09:27:37+00:00", "opened_text": "", "closed": "2026-02-28T09:28:37+00:00",
    "closed_text": "", "lasted_s": 60.0, "step_s": 1, "peak": {"asked": 5000.0},
}  # fmt: skip


def test_the_record_has_the_fields_that_are_read() -> None:
    """If it changes, this must."""
    assert set(ROW) == set(IncidentRow.__dataclass_fields__)


def test_an_incident_is_a_finding_on_the_same_time_line(tmp_path: Path) -> None:
    """Alone or in a list."""
    for document in (ROW, [ROW], [{**ROW, "closed": None}]):
        file = tmp_path / "incidents.json"
        file.write_text(json.dumps(document, indent=1))
        partial = read_input(str(file), Options())
        assert partial.inputs[0].format is Format.INCIDENT
        (finding,) = account_of(partial).findings
        assert finding.kind is OF_LIVE[LiveKind.SPOOFED_FLOOD]
        assert (str(finding.victims[0].address), finding.victims[0].port) == ("192.0.2.1", 443)
        assert finding.start == 1_772_270_857.0
        assert finding.rate.peak == 5_000.0


def test_the_name_of_a_process_hides_no_port() -> None:
    """Nor does listening on all addresses."""
    for service, address in (("*:443 nginx", None), ("[2001:db8::1]:443 nginx", "2001:db8::1")):
        ((found,), _) = read_incidents(json.dumps({**ROW, "service": service}).encode())
        assert found.port == 443
        assert (None if found.address is None else str(found.address)) == address


def test_unknown_kinds_are_no_findings() -> None:
    """A rule's ban, for one."""
    (found,), trouble = read_incidents(json.dumps({**ROW, "kind": "rule"}).encode())
    assert (found.kind, trouble) == (None, "")


def test_a_peak_of_any_size_is_read() -> None:
    """A number that no float can hold is no peak."""
    ((found,), _) = read_incidents(json.dumps({**ROW, "peak": {"syns": 10**400}}).encode())
    assert found.peak is None


@given(st.recursive(
    st.one_of(st.none(), st.floats(), st.integers(), st.text(max_size=9),
              st.sampled_from(list(ROW))),
    lambda inner: st.one_of(st.lists(inner, max_size=3),
                            st.dictionaries(st.sampled_from(list(ROW)), inner, max_size=4)),
))  # fmt: skip
def test_any_document_is_read(document: object) -> None:
    """And what is no JSON gets one error."""
    read_incidents(json.dumps(document).encode())
    assert read_incidents(b"{")[1]
