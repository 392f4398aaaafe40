"""Every route over the table of routes: who may ask, and what is answered."""

from __future__ import annotations

from typing import Any

import pytest

from floodwall.console.web.api import CALLS, Call
from floodwall.console.web.tokens import Level
from tests.support.web_console import Reply, Site

HOSTILE = "<img src=x onerror=alert(1)>\"'&\u202e\x1b[31m"

BODIES: dict[str, Any] = {
    "/api/bans": {"networks": ["203.0.113.9"], "for_s": 60, "reason": "x"},
    "/api/bans/lift": {"networks": ["203.0.113.9"]},
    "/api/allowed": {"networks": ["203.0.113.0/24"]},
    "/api/allowed/remove": {"networks": ["203.0.113.0/24"]},
    "/api/services/arm": {"service": "443", "for_s": 60},
    "/api/services/calm": {"service": "443"},
    "/api/settings/plan": {"text": "[arming]\nhold_s = 9\n"},
    "/api/settings/try": {"text": "[arming]\nhold_s = 9\n", "confirm_s": 60},
    "/api/settings/confirm": {},
    "/api/settings/reject": {},
}
QUERIES = {"/api/why": "?subject=203.0.113.9", "/api/history": "?service=%2A%3A443%20nginx"}


def ask(site: Site, call: Call, token: str | None) -> Reply:
    """Ask as the table says."""
    path = call.path.replace("{id}", "12") + QUERIES.get(call.path, "")
    return site.ask(path, BODIES[call.path] if call.method == "POST" else None, token=token)


def named(call: Call) -> str:
    """Name a case."""
    return f"{call.method} {call.path}"


@pytest.mark.parametrize("call", CALLS, ids=named)
def test_nobody_is_answered_without_a_token(site: Site, call: Call) -> None:
    """Nor with one that nobody has."""
    asked = len(site.daemon.asked)
    assert ask(site, call, None).status == 401
    assert ask(site, call, "").status == 401
    assert len(site.daemon.asked) == asked


@pytest.mark.parametrize("call", CALLS, ids=named)
def test_viewers_look_and_change_nothing(site: Site, call: Call) -> None:
    """By the level of the row, which is that of the verb."""
    asked = len(site.daemon.asked)
    status = ask(site, call, site.viewer).status
    assert status == (200 if call.level is Level.VIEW else 403)
    assert (call.level is Level.OPERATE) == (call.method == "POST")
    assert len(site.daemon.asked) == asked


@pytest.mark.parametrize("call", CALLS, ids=named)
def test_operators_are_answered(site: Site, call: Call) -> None:
    """With an object; who asked goes with the request."""
    reply = ask(site, call, site.operator)
    # Nothing is on trial but after the row that begins one.
    assert reply.status == 200 or call.path.endswith("/reject")
    assert isinstance(reply.told, dict)
    if call.level is Level.OPERATE and reply.status == 200:
        assert site.daemon.asked[-1][0] == "anna"


@pytest.mark.parametrize(
    "path",
    [
        "/api/history?service=a&service=b",
        "/api/events?after=-1",
        "/api/events?limit=0",
        "/api/events?limit=many",
        "/api/why",
        "/api/why?subject=",
        "/api/incidents/x",
        "/api/incidents/-1",
        "/api/incidents/99999999999999999999",
        "/api/snapshot?x=1",
    ],
)
def test_nonsense_in_a_query_is_named(site: Site, path: str) -> None:
    """And nothing is asked of the daemon."""
    reply = site.ask(path, token=site.operator)
    assert reply.status == 400
    assert reply.told["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"networks": []}',
        b'{"networks": "203.0.113.9"}',
        b'{"networks": ["203.0.113.9"], "for_s": -1}',
        b'{"networks": ["203.0.113.9"], "for_s": 1e400}',
        b'{"networks": ["203.0.113.9"], "more": 1}',
        b'{"networks": ["%s"]}' % (b"1" * 65),
        b"[" * 60_000,
        b"\xff\xfe",
    ],
)
def test_nonsense_in_a_body_is_named(site: Site, body: bytes) -> None:
    """And nothing is asked of the daemon."""
    asked = len(site.daemon.asked)
    assert site.ask("/api/bans", body, token=site.operator).status == 400
    assert len(site.daemon.asked) == asked


def test_what_the_daemon_refuses_is_told(site: Site) -> None:
    """With its words; what this machine cannot do is no conflict."""
    no_trial = site.ask("/api/settings/confirm", {}, token=site.operator)
    lacking = site.ask("/api/services/calm", {"service": "22"}, token=site.operator)
    missing = site.ask("/api/incidents/77", token=site.viewer)
    own = site.ask("/api/bans", {"networks": ["127.0.0.1"]}, token=site.operator)

    assert (no_trial.status, no_trial.told["error"]["hint"]) == (409, "try some first")
    assert (lacking.status, missing.status) == (501, 409)
    assert own.told["refused"] == {"127.0.0.1": "own address"}


def test_what_a_stranger_wrote_stays_text(site: Site) -> None:
    """Answers are JSON that no browser takes for a page; the page makes text of it."""
    body = {"networks": ["203.0.113.66"], "reason": HOSTILE.replace("\x1b", "")}
    site.ask("/api/bans", body, token=site.operator)
    reply = site.ask("/api/bans", token=site.viewer)

    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert any(row["reason"] == body["reason"] for row in reply.told["rows"])


def test_viewers_do_not_read_the_text_of_the_file(site: Site) -> None:
    """Comments in it may say more than a viewer should know."""
    mine = site.ask("/api/settings", token=site.operator).told
    theirs = site.ask("/api/settings", token=site.viewer).told

    assert (mine["text"], theirs["text"]) == (site.daemon.text, None)
    assert mine["settings"] == theirs["settings"]
    row = next(each for each in mine["settings"] if each["key"] == "arming.hold_s")
    assert (row["value"], row["default"] != row["value"]) == (20.0, True)
