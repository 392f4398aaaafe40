"""What is sent to a machine to look at it, and what is made of the answer here."""

from collections.abc import Mapping
from dataclasses import dataclass

from floodwall.audit.archive import Archive, parse_archive
from floodwall.audit.baseline import Baseline
from floodwall.audit.reader import read_facts
from floodwall.audit.recorder import recorder
from floodwall.audit.report import Report, audit
from floodwall.core.diagnosis.ailment import Diagnosis
from floodwall.core.diagnosis.diagnose import diagnose
from floodwall.core.diagnosis.symptoms import Symptoms
from floodwall.doctor.recorded import examine_recorded
from floodwall.doctor.tree import script
from floodwall.fleet.host import Host
from floodwall.fleet.session import Wire, talk
from floodwall.fleet.trouble import Kind, TroubleError

_LARGEST_ARCHIVE = 16 << 20
_LARGEST_LOOK = 64 << 20
"""Two looks at 200,000 connections."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A machine that the doctor looked at."""

    diagnosis: Diagnosis
    seen: Symptoms


def fetch_archive(host: Host, wire: Wire) -> Archive:
    """Record a machine."""
    answer = talk(host, recorder(), wire, _LARGEST_ARCHIVE)
    return parse_archive(answer.text)


def audit_host(host: Host, wire: Wire, baseline: Baseline, today: str) -> Report:
    """Audit a machine."""
    report = audit(read_facts(fetch_archive(host, wire)), baseline, today)
    if not report.columns:
        raise TroubleError(Kind.ANSWER, "nothing of this machine could be read")
    return report


def examine_host(host: Host, wire: Wire, window_s: int, speeds: Mapping[str, int]) -> Examined:
    """Examine a machine, for as long as the window."""
    answer = talk(host, script(window_s), wire, _LARGEST_LOOK)
    seen = examine_recorded(answer.text.lstrip("\n"), speeds)
    diagnosis = diagnose(seen)
    if diagnosis.blind:
        raise TroubleError(Kind.ANSWER, diagnosis.verdict)
    return Examined(diagnosis, seen)
