"""What can be asked about the state."""

from __future__ import annotations

from typing import Any

from floodwall.app.desk_bans import From
from floodwall.app.desk_status import StatusDesk
from floodwall.app.peer import Peer, Role
from floodwall.app.status import ServiceStatus, Status
from floodwall.core.model import Reading
from floodwall.core.protocol import VERSION, encode, succeeded

ROOT = Peer(9, 0, frozenset(), Role.OPERATE, "root")


def status(services: int, exclusions: int = 0) -> Status:
    """Make the status of a machine with many services."""
    plan: dict[str, Any] = {
        "services": [{"index": number} for number in range(services)],
        "exclusions": [{"name": f"127.0.0.1:{n}", "reason": "x" * 300} for n in range(exclusions)],
    }
    rows = tuple(
        ServiceStatus({"index": number, "name": "n" * 300}, Reading(number), None)
        for number in range(services)
    )
    return Status(7, 600, rows, plan, {}, 0, 0, ())


def ask(made: Status) -> dict[str, Any]:
    """Ask for page after page, each of which must fit into a frame."""
    (verb,) = StatusDesk(lambda: made).verbs().values()
    whole: dict[str, Any] = {}
    begin: int | None = 0
    while begin is not None:
        part = dict(verb.carry_out(ROOT, From(begin)))
        encode(succeeded(1, part))
        begin = part.pop("next")
        part["services"] = [*whole.get("services", []), *part["services"]]
        whole = part
    return whole


def test_a_thousand_services_come_in_pages() -> None:
    """All of them, in order, and none twice."""
    whole = ask(status(1024))

    assert [service["plan"]["index"] for service in whole["services"]] == list(range(1024))
    assert (whole["pid"], whole["state"]) == (7, "running")
    assert VERSION == 1


def test_what_is_left_alone_is_summed_up_where_it_is_much() -> None:
    """A page must hold what stands around the services."""
    whole = ask(status(3, exclusions=5000))

    assert len(whole["plan"]["exclusions"]) == 101
    assert whole["plan"]["exclusions"][-1]["name"] == "4900 more"
