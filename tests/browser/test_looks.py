"""For every eye, every width and every way of reading."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext

from tests.support.browsing import PAGES, Visit
from tests.support.web_console import Site

FIRST_LOAD_BYTES = 200_000
SERIOUS = frozenset({"serious", "critical"})


@pytest.mark.parametrize(
    ("theme", "paths"), [("light", PAGES), ("dark", ("", "incidents/12", "bans", "settings"))]
)
def test_axe_finds_nothing_serious(
    site: Site, context: BrowserContext, theme: str, paths: tuple[str, ...]
) -> None:
    """In a flood, with a service opened, and where one logs in; the dark has the same parts."""
    page = context.new_page()
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of two words
    visit, axe = Visit(site, page), Axe()
    page.goto(site.url)
    page.wait_for_selector("input[type=password]")
    found = {"login": serious(axe, visit)}
    visit.log_in(site.operator)
    site.daemon.flood()
    page.get_by_role("button", name="*:443 nginx").click()
    page.wait_for_selector(".answer.bad")
    for path in paths:
        visit.go(path)
        found[path] = serious(axe, visit)
    assert {path: rules for path, rules in found.items() if rules} == {}


def serious(axe: Axe, visit: Visit) -> list[str]:
    """Return what axe-core says against the page."""
    violations = axe.run(visit.page).response["violations"]
    return [
        f"{each['id']}: {node['html'][:120]}"
        for each in violations
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("width", [375, 2560])
def test_nothing_is_cut_off(visit: Visit, width: int) -> None:
    """Nobody needs to scroll sideways; pictures of every page are kept."""
    visit.site.daemon.flood()
    visit.page.set_viewport_size({"width": width, "height": 900})
    for path in PAGES:
        visit.go(path)
        visit.shot(f"{path.replace('/', '-') or 'now'}-{width}")
        wide = visit.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path


def test_the_first_load_is_small_and_asks_nobody_else(site: Site, context: BrowserContext) -> None:
    """Everything until the first screen stands, by the browser's own count."""
    page = context.new_page()
    hosts, sizes = set[str](), list[int]()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("requestfinished", lambda each: sizes.append(each.sizes()["responseBodySize"]))
    visit = Visit(site, page)
    visit.log_in(site.operator)

    assert hosts == {site.host}
    assert 30_000 < sum(sizes) <= FIRST_LOAD_BYTES
