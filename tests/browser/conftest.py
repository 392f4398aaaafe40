"""A headless browser, and a console over a daemon that says what a test wants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.support.browsing import Visit, launched
from tests.support.fake_desk import FakeDesk
from tests.support.web_console import Site, console


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """Start what drives browsers."""
    with sync_playwright() as made:
        yield made


@pytest.fixture(scope="session")
def browser(driver: Playwright) -> Iterator[Browser]:
    """Start Debian's chromium."""
    made = launched(driver)
    yield made
    made.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Run a console over a fake daemon of its own."""
    with console(tmp_path, FakeDesk()) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Begin with no cookie; times are those of a zone that is not UTC."""
    made = browser.new_context(
        viewport={"width": 1440, "height": 900}, timezone_id="Europe/Berlin", locale="en-GB"
    )
    made.set_default_timeout(15_000)
    yield made
    made.close()


@pytest.fixture
def visit(site: Site, context: BrowserContext) -> Iterator[Visit]:
    """Log in as an operator, and look at the first screen; complaints of the browser fail it."""
    page: Page = context.new_page()
    made = Visit(site, page)
    made.log_in(site.operator)
    yield made
    assert made.complaints == []
