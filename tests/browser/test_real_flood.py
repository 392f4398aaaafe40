"""The console beside a real daemon, during a real flood."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from floodwall.core.protocol import SOCKET
from tests.support.browsing import Visit, launched
from tests.support.household import PORT, Household, weak_household
from tests.support.web_console import console

pytestmark = [pytest.mark.root, pytest.mark.live, pytest.mark.timeout(120)]

FLOOD = 3000
TURNS_S = 2.0
PATIENT_MS = 20_000
BANNED = "203.0.113.9"


@pytest.fixture
def home() -> Iterator[Household]:
    """Return a server without SYN cookies, whose listener a hundred SYNs would silence."""
    with weak_household() as made:
        yield made


def test_a_flood_a_ban_and_a_death_are_seen(
    home: Household, driver: Playwright, tmp_path: Path
) -> None:
    """The screen turns within two seconds; a ban of the page is in the kernel; death is told."""
    daemon = home.daemon()
    directory = home.state_directory()
    assert directory
    with console(tmp_path, socket=directory.run / SOCKET) as site:
        browser = launched(driver)
        try:
            visit = Visit(site, browser.new_page(viewport={"width": 1440, "height": 900}))
            visit.log_in(site.operator)
            expect(visit.page.locator(".answer").first).to_contain_text("Yes", timeout=PATIENT_MS)

            begun = time.monotonic()
            home.flood(FLOOD)
            doing = visit.page.locator(".answer.info")
            expect(doing).to_contain_text("Challenging", timeout=PATIENT_MS)
            turned_s = time.monotonic() - begun
            expect(visit.page.locator(".answer.bad")).to_contain_text(
                "SYN flood from forged addresses", timeout=PATIENT_MS
            )
            visit.shot("real-flood-1440")

            visit.go_to("bans")
            visit.page.locator("summary", has_text="Ban …").click()
            visit.page.get_by_label("Networks").first.fill(BANNED)
            visit.page.get_by_label("Reason").first.fill("seen in the page")
            visit.page.get_by_role("button", name="Ban", exact=True).click()
            visit.page.locator("dialog button.primary").click()
            row = visit.page.locator("tbody tr", has_text=BANNED)
            expect(row).to_contain_text("seen in the page", timeout=PATIENT_MS)

            daemon.end(signal.SIGKILL)
            expect(visit.page.locator(".banner")).to_contain_text(
                "The daemon is gone", timeout=PATIENT_MS
            )
            assert visit.complaints == []
        finally:
            browser.close()
    # Without a daemon the verb reads the maps of the kernel.
    assert BANNED in home.floodwall("bans").stdout
    assert "anna, by word of uid 0" in home.floodwall("why", BANNED).stdout
    assert home.reachable(port=PORT)
    assert turned_s <= TURNS_S
    assert home.floodwall("off").returncode == 0
