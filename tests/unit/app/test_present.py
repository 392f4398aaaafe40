"""What holds now, as far as an explanation needs it."""

from typing import Any

import pytest

from floodwall.app import present as module
from floodwall.app.present import present_guards, present_services
from floodwall.app.status import ServiceStatus, Status
from floodwall.core.errors import KernelError
from floodwall.core.model import Reading
from floodwall.kernel.bpffs import StateDirectory

PLAN = {
    "name": "*:80 nginx",
    "mode": "protect",
    "mechanism": "handover",
    "high": 64,
    "capacity": 128,
}


def fail(*_: object) -> Any:
    """Answer as a machine does on which one may not look."""
    raise KernelError("no privilege")


def test_services_and_listeners_that_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with what explains it."""
    service = ServiceStatus(PLAN, Reading(0, pending=7), armed_for_s=3.5)
    plan = {"exclusions": [{"name": "127.0.0.1:25", "reason": "listens on loopback only"}]}
    status = Status(1, 5.0, (service,), plan, {}, 0, 0, ())
    monkeypatch.setattr(module, "read_status", lambda: status)

    assert present_services() == [
        {**PLAN, "armed_for_s": 3.5, "pending": 7},
        {"name": "127.0.0.1:25", "left_alone": "listens on loopback only"},
    ]


def test_nothing_that_can_be_seen_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The record answers all the same."""
    monkeypatch.setattr(module, "read_status", lambda: None)
    monkeypatch.setattr(StateDirectory, "find", lambda: None)
    assert (present_services(), present_guards()) == ([], {})
    monkeypatch.setattr(module, "read_status", fail)
    monkeypatch.setattr(StateDirectory, "find", fail)
    assert (present_services(), present_guards()) == ([], {})
