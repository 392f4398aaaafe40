"""What holds now, as far as an explanation needs it; without daemon or privilege it is nothing."""

from collections.abc import Iterator
from typing import Any

from floodwall.app.footing import standing_bans
from floodwall.app.status import ServiceStatus, Status, read_status
from floodwall.core.address import Network
from floodwall.core.errors import FloodwallError
from floodwall.core.model import Guard
from floodwall.kernel.bpffs import StateDirectory


def present_guards() -> dict[Network, Guard]:
    """Return the never-ban set as the data plane has it, and why each network is in it."""
    try:
        directory = StateDirectory.find()
        if directory is None:
            return {}
        with standing_bans(directory) as bans:
            return bans.guards()
    except (FloodwallError, OSError):
        return {}


def present_services() -> list[dict[str, Any]]:
    """Return each service as it is, and each listener that is left alone, with the reason."""
    try:
        status = read_status()
    except (FloodwallError, OSError):
        return []
    if status is None:
        return []
    return services_of(status)


def services_of(status: Status) -> list[dict[str, Any]]:
    """Return the same of a status that is known."""
    return [*map(_service, status.services), *_left_alone(status.plan)]


def _service(service: ServiceStatus) -> dict[str, Any]:
    plan = service.plan
    return {
        "name": plan.get("name", ""),
        "mode": plan.get("mode", ""),
        "mechanism": plan.get("mechanism", ""),
        "armed_for_s": service.armed_for_s,
        "pending": service.reading.pending,
        "high": plan.get("high", 0),
        "capacity": plan.get("capacity", 0),
    }


def _left_alone(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for each in plan.get("exclusions", []):
        yield {"name": each["name"], "left_alone": each["reason"]}
