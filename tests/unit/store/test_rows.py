"""The record as a reader gets it."""

from floodwall.store.rows import IncidentRow


def test_an_incident_has_a_name_that_is_no_port() -> None:
    """`why 12` asks about a port, `why I12` about an incident."""
    row = IncidentRow(12, "*:80", "syn_scan", "r", "", "", None, "", None, 1, {})

    assert row.name == "I12"
