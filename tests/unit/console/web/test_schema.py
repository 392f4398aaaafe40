"""Requests that nobody would think of, made from the description of the API."""

from __future__ import annotations

import http.client
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from floodwall.app.control import Bounds
from floodwall.console.web.openapi import describe
from floodwall.console.web.tokens import Level
from tests.support.web_console import Site, console

REFUSED = frozenset({400, 403, 404, 405, 408, 409, 413, 415, 421, 431, 501})
QUICK = Bounds(accept_rate=1e6, accept_burst=1e6, request_rate=1e6, request_burst=1e6)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_no_request_is_a_mistake_of_ours_and_none_is_answered_unauthorised(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Right and wrong ones, of nobody, of a viewer and of an operator; --cases makes more."""
    cases = request.config.getoption("--cases")
    schema = schemathesis.openapi.from_dict(describe())
    statuses = Counter[int]()
    with console(tmp_path, bounds=QUICK) as site:
        found = list(schema.get_all_operations())
        operations = [each.ok() for each in found if isinstance(each, Ok)]
        for operation in operations:
            statuses += examine(site, operation, cases)

    assert len(operations) == len(found)
    assert statuses[200] > 0
    assert statuses[400] > 0
    assert statuses.total() >= 3 * len(operations)


def examine(site: Site, operation: Any, cases: int) -> Counter[int]:
    """Send made-up requests of one call; return how often each status was answered."""
    level, statuses = Level(operation.definition.raw["x-floodwall-level"]), Counter[int]()
    made = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=cases,
        suppress_health_check=list(HealthCheck),
        database=None,
        deadline=None,
    )
    @given(case=made)
    def check(case: Any) -> None:
        nobody, viewer, operator = (
            ask(site, case, token) for token in ("", site.viewer, site.operator)
        )
        statuses.update((nobody, viewer, operator))
        assert nobody in REFUSED | {401}, f"{nobody} to nobody"
        assert viewer in REFUSED | {200}, f"{viewer} to a viewer"
        assert operator in REFUSED | {200}, f"{operator} to an operator"
        assert level is Level.VIEW or viewer != 200, "done for a viewer"

    check()
    return statuses


def ask(site: Site, case: Any, token: str) -> int:
    """Send a case as it is, and return the status; what cannot be sent at all is refused."""
    made = case.as_transport_kwargs(base_url=site.url)
    path = made["url"].removeprefix(site.url)
    if query := made.get("params"):
        path += "?" + urlencode(query, doseq=True, errors="replace")
    body = made.get("json")
    headers = {str(name): str(value) for name, value in (made.get("headers") or {}).items()}
    headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
    try:
        raw = made.get("data") if body is None else body
        raw = None if case.method.upper() == "GET" else raw
        reply = site.ask(
            quote(path, safe="/?&=%"),
            raw if not isinstance(raw, str) else raw.encode("utf-8", "replace"),
            token=token,
            method=case.method.upper(),
            headers=headers,
        )
    except (ValueError, UnicodeError, TypeError, http.client.HTTPException):
        return 400
    return reply.status
