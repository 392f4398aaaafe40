"""What an operator reads first, and how soon."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from floodwall.core.live import CanaryTally
from tests.support.browsing import Visit
from tests.support.fake_daemon import CALM
from tests.support.fake_desk import FakeDesk
from tests.support.web_console import console

TURNS_MS = 2000
PATIENT_MS = 15_000


def test_a_calm_machine_answers_three_questions(visit: Visit) -> None:
    """Users get in, nothing attacks, we watch."""
    text = visit.text(".answers")
    assert "Are my users getting in?" in text
    assert "Yes" in text
    assert "120 of 120 handshakes" in text
    assert "Nothing" in text
    assert "Watching" in text


@pytest.mark.live
def test_a_flood_turns_the_screen_within_two_seconds(visit: Visit) -> None:
    """By the clock of the page, from the moment at which the daemon knows it."""
    expect(visit.page.locator(".answer.bad")).to_have_count(0)
    visit.site.daemon.flood()
    visit.page.wait_for_selector(".answer.bad", timeout=TURNS_MS)

    text = visit.text(".answers")
    assert "SYN flood from forged addresses" in text
    assert "99.8\u00a0% of sources are forged (99.6\u00a0% to 99.9\u00a0%)" in text
    assert "Challenging *:443 nginx" in text
    assert "48,300/s" in visit.text(".services")


def test_a_listener_that_shuts_users_out_is_said_first(visit: Visit) -> None:
    """With why."""
    shut = CanaryTally(60, 9, connected=False, why="no answer within 1 s")
    visit.site.daemon.services = (replace(CALM, canary=shut),)
    answer = visit.page.locator(".answer").first
    expect(answer).to_contain_text("No", timeout=PATIENT_MS)
    assert "no answer within 1 s" in answer.inner_text()
    assert "bad" in (answer.get_attribute("class") or "")


def test_why_a_service_stands_where_it_stands(visit: Visit) -> None:
    """One click away, with the evidence."""
    visit.site.daemon.flood()
    visit.page.get_by_role("button", name="*:443 nginx").click()
    detail = visit.page.locator("tr.detail")
    expect(detail).to_contain_text("71 handshakes were pending, above 64", timeout=PATIENT_MS)
    expect(detail).to_contain_text("stayed unanswered")
    expect(detail).to_contain_text("raise the backlog of nginx")


def test_a_daemon_that_is_gone_is_shown_as_stale_and_since_when(
    tmp_path: Path, context: BrowserContext
) -> None:
    """What was known stays on the screen, and nobody takes it for the present."""
    daemon = FakeDesk()
    with console(tmp_path, daemon) as site:
        visit = Visit(site, context.new_page())
        visit.log_in(site.operator)
        site.end_daemon()
        banner = visit.page.locator(".banner")
        expect(banner).to_contain_text("The daemon is gone", timeout=PATIENT_MS)
        expect(banner).to_contain_text("stale since")
        expect(banner).to_contain_text("UTC)")
        assert "Unknown" in visit.text(".answers")
        assert "No daemon" in visit.text(".answers")
        visit.shot("stale-1440")


def test_times_are_told_in_the_readers_zone_and_in_utc(visit: Visit) -> None:
    """Berlin in November is an hour ahead."""
    visit.go("incidents/12")
    assert "04:14:07 03:14:07 UTC" in visit.text()
