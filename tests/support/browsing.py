"""What tests do in a browser."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

from tests.support.tree import ROOT
from tests.support.web_console import Site

SHOTS = ROOT / "build" / "test" / "browser"
PAGES = ("", "incidents", "incidents/12", "why/443", "bans", "audit", "settings", "events")
READY = {
    "": ".answer.good, .answer.info",
    "incidents": "tbody tr",
    "incidents/12": ".story li",
    "why/443": ".story li",
    "bans": "tbody tr",
    "audit": "tbody tr",
    "settings": "tbody tr",
    "events": ".story li",
}
"""What is there as soon as a page shows something."""


def launched(driver: Playwright) -> Browser:
    """Start Debian's chromium, without a window and, as root, without its sandbox."""
    path = shutil.which("chromium") or "/usr/bin/chromium"
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return driver.chromium.launch(executable_path=path, args=arguments)


@dataclass
class Visit:
    """Somebody at a console."""

    site: Site
    page: Page
    complaints: list[str] = field(default_factory=list)
    """What the browser said against the pages: errors, and what the policy refused."""

    def __post_init__(self) -> None:
        """Listen to the browser."""
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))

    def log_in(self, token: str) -> None:
        """Log in by the page."""
        self.page.goto(self.site.url)
        self.page.get_by_label("Token").fill(token)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_selector(READY[""])
        # Before the log-in nobody is logged in, and a browser says so of each answer.
        self.complaints.clear()

    def go(self, path: str) -> None:
        """Go to a page, and wait until it shows something."""
        self.page.goto(f"{self.site.url}/#/{path}")
        shell = f"main.page-{path.split('/', maxsplit=1)[0] or 'now'}"
        wanted = ", ".join(f"{shell} {each}" for each in READY[path].split(", "))
        self.page.wait_for_selector(wanted)

    def go_to(self, path: str) -> None:
        """Go to a page, whatever it shows."""
        self.page.goto(f"{self.site.url}/#/{path}")

    def text(self, selector: str = "main") -> str:
        """Return what a reader sees."""
        return self.page.locator(selector).inner_text()

    def shot(self, name: str) -> Path:
        """Keep a picture for people to look at."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        path = SHOTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)
