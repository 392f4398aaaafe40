"""An audit, a diagnosis and a plan in one cell for each check."""

from pathlib import Path

from floodwall.audit.archive import parse_archive
from floodwall.audit.baseline import Accepted, Baseline
from floodwall.audit.plan import FILE, make_plan
from floodwall.audit.profile import Profile
from floodwall.audit.reader import read_facts
from floodwall.audit.report import audit
from floodwall.core.diagnosis.ailment import Ailment, Diagnosis, Finding, Severity
from floodwall.fleet.cells import AUDITED, audit_cells, doctor_cells, named, plan_cells

MACHINES = Path(__file__).parents[1] / "audit/machines"
FACTS, WEAK = (
    read_facts(parse_archive((MACHINES / f"{kernel}.txt").read_text()))
    for kernel in ("5.4", "3.16")
)


def test_the_worst_answer_of_a_check_stands_for_it() -> None:
    """Over all namespaces, with how many more there are."""
    cells = audit_cells(audit(FACTS))
    assert tuple(cells) == AUDITED
    assert (cells["syncookies"].word, cells["syncookies"].weight) == ("critical", 5)
    assert cells["syncookies"].fix
    assert {cells[check].weight for check in AUDITED if cells[check].word == "pass"} == {0}
    assert cells["tw-recycle"].word == "n/a"


def test_what_is_accepted_is_nothing_to_act_on() -> None:
    """Its reason is kept."""
    known = Baseline((Accepted("syncookies", "", "it goes in May", "2099-01-01"),))
    cell = audit_cells(audit(FACTS, known, "2026-01-01"))["syncookies"]
    assert (cell.word, cell.weight, cell.text) == ("accepted", 0, "it goes in May")


def test_what_cannot_be_read_is_neither_good_nor_bad() -> None:
    """A machine without anything has no finding, and passes nothing."""
    words = {cell.word for cell in audit_cells(audit(read_facts(parse_archive("")))).values()}
    assert "critical" not in words
    assert "unread" in words


def test_an_ailment_is_told_by_its_worst_finding() -> None:
    """The first of a diagnosis is the worst."""
    found = Diagnosis(
        "x",
        tuple(
            Finding(Ailment.SYN_FLOOD, severity, f"{severity} one", 0.95)
            for severity in (Severity.CRITICAL, Severity.WARNING)
        ),
    )
    cells = doctor_cells(found)
    assert list(cells) == ["spoofed_flood"]
    assert cells["spoofed_flood"].text == "critical one (95% sure)"
    assert cells["spoofed_flood"].weight > 0


def test_a_plan_is_what_would_change() -> None:
    """Each sysctl with both values, and our file."""
    cells = plan_cells(make_plan(WEAK, Profile.WEB))
    assert cells["net.ipv4.tcp_syncookies"].word == "0 -> 1"
    assert cells[FILE].word == "written"
    assert named([cells, {"x": cells[FILE]}]) == (*cells, "x")
