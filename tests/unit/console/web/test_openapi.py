"""The description of the API."""

from __future__ import annotations

import json

from floodwall.console.web.api import CALLS
from floodwall.console.web.openapi import describe
from tests.support.web_console import Site


def test_every_row_is_described_with_its_level() -> None:
    """And nothing else is."""
    document = describe()
    told = {
        (method.upper(), path): operation["x-floodwall-level"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert told == {(call.method, call.path): call.level.value for call in CALLS}
    assert len({o["operationId"] for p in document["paths"].values() for o in p.values()}) == len(
        CALLS
    )


def test_what_is_taken_is_what_is_described() -> None:
    """Strictly: no other name."""
    schemas = describe()["components"]["schemas"]
    assert schemas["Span"]["required"] == ["networks"]
    assert schemas["Span"]["additionalProperties"] is False
    assert schemas["Trial"]["properties"]["confirm_s"]["minimum"] == 10.0


def test_it_is_served_to_those_who_may_look(site: Site) -> None:
    """As JSON."""
    assert site.ask("/api/openapi.json").status == 401
    served = site.ask("/api/openapi.json", token=site.viewer)
    assert served.told == json.loads(json.dumps(describe()))
