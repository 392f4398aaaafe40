"""What can be asked about the state of the defence."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from floodwall.app.desk import Verb
from floodwall.app.desk_bans import From
from floodwall.app.peer import Peer, Role
from floodwall.app.status import Status
from floodwall.core.protocol import page

_EXCLUSIONS_MAX = 100
"""Listeners that are left alone, of which a status tells at most so many."""


class StatusDesk:
    """Answers what holds now; the services come in pages."""

    def __init__(self, status: Callable[[], Status]) -> None:
        self._status = status

    def verbs(self) -> dict[str, Verb]:
        """Return the verbs of this desk."""
        return {"status": Verb(Role.VIEW, From, self._tell)}

    def _tell(self, _: Peer, asked: From) -> Mapping[str, Any]:
        whole = self._status().as_json()
        services = whole.pop("services")
        # Each service carries its part of the plan already.
        plan = {name: part for name, part in whole["plan"].items() if name != "services"}
        left = plan.get("exclusions", [])
        if len(left) > _EXCLUSIONS_MAX:
            rest = {"name": f"{len(left) - _EXCLUSIONS_MAX} more", "reason": "not listed here"}
            plan["exclusions"] = [*left[:_EXCLUSIONS_MAX], rest]
        whole["plan"] = plan
        rows, more = page(services, asked.begin, used_bytes=len(json.dumps(whole)))
        return {**whole, "services": rows, "next": more}
