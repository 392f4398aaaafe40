"""A machine is audited and examined by a script, judged here."""

from pathlib import Path

import pytest

from floodwall.audit.baseline import Baseline
from floodwall.core.errors import ConfigError
from floodwall.fleet.host import parse_host
from floodwall.fleet.look import audit_host, examine_host
from floodwall.fleet.trouble import Kind, TroubleError
from tests.support.loopback_ssh import loopback

AWAY = parse_host("away")


@pytest.mark.slow
def test_a_machine_is_audited_and_examined_by_what_it_prints(tmp_path: Path) -> None:
    """Here the machine is this one, reached by a shell."""
    wire = loopback(tmp_path, timeout_s=60)
    report = audit_host(AWAY, wire, Baseline(), "2026-01-01")
    assert report.columns
    assert report.kernel == Path("/proc/sys/kernel/osrelease").read_text().strip()
    examined = examine_host(AWAY, wire, 1, {})
    assert examined.seen.seconds >= 1
    assert not examined.diagnosis.blind


def test_a_machine_that_says_nothing_is_no_machine_without_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty answer is trouble, of either."""
    wire = loopback(tmp_path)
    monkeypatch.setattr("floodwall.fleet.look.recorder", lambda: ":")
    monkeypatch.setattr("floodwall.fleet.look.script", lambda _: ":")
    with pytest.raises(TroubleError, match="nothing of this machine") as caught:
        audit_host(AWAY, wire, Baseline(), "2026-01-01")
    assert caught.value.trouble.kind is Kind.ANSWER
    with pytest.raises(ConfigError, match="0 looks"):
        examine_host(AWAY, wire, 1, {})
