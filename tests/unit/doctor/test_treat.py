"""Safe remedies are run, recorded and taken back."""

from dataclasses import replace
from pathlib import Path

import pytest

from floodwall.core.diagnosis.ailment import Remedy
from floodwall.core.diagnosis.diagnose import diagnose
from floodwall.core.diagnosis.remedies import cookies_on, fewer_retries, set_sysctl
from floodwall.core.errors import KernelError, NotSupported
from floodwall.core.model import StackLimits
from floodwall.doctor import treat
from floodwall.doctor.treat import LAYER, carry_out, ledger_directory, safe_remedies, take_back
from floodwall.kernel import sysctl
from floodwall.store.journal import Journal
from floodwall.store.undo import UndoLedger
from tests.support.symptoms import flooded, machine, moved

NAME = "net.ipv4.tcp_syncookies"


@pytest.fixture
def values(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Sysctls of a machine of paper."""
    held = {NAME: "0", "net.ipv4.tcp_max_syn_backlog": "512"}
    monkeypatch.setattr(sysctl, "read", held.__getitem__)
    monkeypatch.setattr(sysctl, "write", lambda name, value: held.update({name: str(value)}))
    return held


def test_only_what_costs_users_nothing_is_safe() -> None:
    """Of a flood without cookies: cookies and room, not fewer retries."""
    seen = machine(
        flooded(),
        cookies=0,
        stack=StackLimits(tcp_syncookies=0, tcp_max_syn_backlog=512),
        moved=moved(),
    )

    assert [remedy.command for remedy in safe_remedies(diagnose(seen))] == [
        "sysctl -w net.ipv4.tcp_syncookies=1",
        "sysctl -w net.ipv4.tcp_max_syn_backlog=1024",
    ]


def test_what_was_changed_is_on_record_and_goes_back(
    tmp_path: Path, values: dict[str, str]
) -> None:
    """Ledger first, journal after; a second time there is nothing to take back."""
    run = tmp_path / "run"
    (told,) = carry_out([cookies_on(0)], run)
    (change,) = UndoLedger(run).changes()
    held = dict(values)
    back = list(take_back(run))

    assert told == (f"set {NAME} to 1; undo: floodwall doctor --undo, or sysctl -w {NAME}=0")
    assert (change.before, change.after, change.layer, held[NAME]) == ("0", "1", LAYER, "1")
    assert values[NAME] == "0"
    assert back == [f"put {NAME} back to 0"]
    assert list(take_back(run)) == []
    assert [entry.text for entry in Journal(run).entries()] == [
        f"doctor: {told}",
        f"doctor: put {NAME} back to 0",
    ]


def test_what_somebody_has_set_since_is_theirs(tmp_path: Path, values: dict[str, str]) -> None:
    """It is left, and told."""
    list(carry_out([cookies_on(0)], tmp_path))
    values[NAME] = "2"

    assert list(take_back(tmp_path)) == [f"left {NAME} at 2: somebody else has set it since"]
    assert values[NAME] == "2"


def test_what_is_so_already_or_not_safe_is_not_touched(
    tmp_path: Path, values: dict[str, str]
) -> None:
    """A remedy without a setting is the operator's."""
    values[NAME] = "1"
    unsafe = fewer_retries(StackLimits())
    assert unsafe is not None

    assert list(carry_out([cookies_on(0), unsafe], tmp_path)) == [f"{NAME} is 1 already"]
    assert UndoLedger(tmp_path).changes() == ()


@pytest.mark.usefixtures("values")
def test_what_the_kernel_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are still carried out, and nothing of it stays on record."""

    def refuse(name: str, value: str) -> None:
        raise KernelError(f"write sysctl {name}: Read-only file system {value}")

    monkeypatch.setattr(sysctl, "write", refuse)
    more = set_sysctl("net.ipv4.tcp_max_syn_backlog", 512, 9, "why", "cost", safe=True)
    told = list(carry_out([cookies_on(0), more], tmp_path))

    assert len(told) == 2
    assert all("could not set" in line for line in told)
    assert UndoLedger(tmp_path).changes() == ()


def test_namespaces_without_number_are_known_by_inode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before 5.14."""

    def lacks() -> Path:
        raise NotSupported("no number")

    monkeypatch.setattr(treat, "run_directory", lacks)
    monkeypatch.setattr(treat, "current_inode", lambda: 4026531840)

    assert ledger_directory() == Path("/run/floodwall/net-4026531840")


def test_a_place_that_cannot_be_made_is_an_error_of_ours(tmp_path: Path) -> None:
    """As without root."""
    (tmp_path / "file").write_text("")
    remedy: Remedy = replace(cookies_on(0), why="because")

    with pytest.raises(KernelError, match="make directory"):
        list(carry_out([remedy], tmp_path / "file" / "run"))
