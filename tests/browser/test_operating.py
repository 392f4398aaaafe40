"""What is done by hand, with a mouse and without one."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, expect

from tests.support.browsing import PAGES, Visit
from tests.support.web_console import Site

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def asked(visit: Visit) -> list[str]:
    """Return what the daemon was asked to do."""
    return [verb for _, verb, _ in visit.site.daemon.asked]


def tab_to(visit: Visit, name: str, most: int = 80) -> None:
    """Press Tab until something with this name has the focus."""
    script = (
        "() => { const e = document.activeElement;"
        " return e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent }"
    )
    for _ in range(most):
        visit.page.keyboard.press("Tab")
        if str(visit.page.evaluate(script)).strip().startswith(name):
            return
    raise AssertionError(f"Tab does not lead to {name}")


def test_every_action_can_be_done_by_keyboard_alone(site: Site, context: BrowserContext) -> None:
    """Log in, ban, lift, allow, remove, arm, calm, plan, try, confirm, log out."""
    visit = Visit(site, context.new_page())
    visit.page.goto(site.url)
    visit.page.wait_for_selector("input[type=password]:focus")
    visit.page.keyboard.type(site.operator)
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector(".services")

    arm_and_calm(visit)
    ban_and_allow(visit)
    try_settings(visit)
    tab_to(visit, "Log out")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("input[type=password]")

    wanted = ["arm", "calm", "unban", "ban", "allow", "disallow", "plan", "try", "confirm"]
    assert [verb for verb in dict.fromkeys(asked(visit)) if verb in wanted] == wanted
    assert {who for who, _, _ in site.daemon.asked} == {"anna"}


def arm_and_calm(visit: Visit) -> None:
    """Open a service, and do both."""
    tab_to(visit, "▸*:443 nginx")
    visit.page.keyboard.press("Enter")
    for name in ("Arm …", "Calm …"):
        tab_to(visit, name)
        answer_yes(visit)


def ban_and_allow(visit: Visit) -> None:
    """Lift a ban, ban and allow somebody, take somebody off the list."""
    keys = visit.page.keyboard
    tab_to_page(visit, "Bans")
    visit.page.wait_for_selector("tbody tr")
    tab_to(visit, "Lift 198.51.100.7")
    answer_yes(visit)
    for verb, network in (("Ban", "203.0.113.9"), ("Allow", "203.0.113.77")):
        tab_to(visit, f"{verb} …")
        keys.press("Enter")
        tab_to(visit, "Networks")
        keys.type(network)
        tab_to(visit, "Reason")
        keys.type("by keyboard")
        answer_yes(visit)
    tab_to(visit, "Remove 192.0.2.0/24")
    answer_yes(visit)


def try_settings(visit: Visit) -> None:
    """Write others, see what they would change, try them, keep them."""
    keys = visit.page.keyboard
    tab_to_page(visit, "Settings")
    visit.page.wait_for_selector("tbody tr")
    tab_to(visit, "Settings file")
    keys.press("Control+a")
    keys.type("[arming]\nhold_s = 9\n")
    tab_to(visit, "What would change?")
    keys.press("Enter")
    visit.page.wait_for_selector(".diff")
    tab_to(visit, "Try …")
    answer_yes(visit)
    visit.page.wait_for_selector(".trial")
    tab_to(visit, "Confirm")
    keys.press("Enter")
    expect(visit.page.locator(".trial")).to_have_count(0)


def tab_to_page(visit: Visit, name: str) -> None:
    """Go to a page by its link."""
    tab_to(visit, name)
    visit.page.keyboard.press("Enter")


def answer_yes(visit: Visit) -> None:
    """Press what has the focus, and agree to the question."""
    visit.page.keyboard.press("Enter")
    yes(visit)


def yes(visit: Visit) -> None:
    """Agree: the second button of the question; then wait until it is done."""
    visit.page.wait_for_selector("dialog[open]")
    done = len(visit.site.daemon.asked)
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("dialog", state="detached")
    for _ in range(200):
        if len(visit.site.daemon.asked) > done:
            return
        visit.page.wait_for_timeout(20)
    raise AssertionError("the daemon was not asked")


def test_a_question_that_is_not_agreed_to_does_nothing(visit: Visit) -> None:
    """Escape, or the button that has the focus."""
    visit.go("bans")
    for key in ("Escape", "Enter"):
        visit.page.get_by_role("button", name="Lift 198.51.100.7").click()
        visit.page.wait_for_selector("dialog[open]")
        visit.page.keyboard.press(key)
        visit.page.wait_for_selector("dialog", state="detached")
    assert asked(visit) == []


def test_a_refusal_is_told(visit: Visit) -> None:
    """In the daemon's words."""
    visit.go("bans")
    visit.page.locator("summary", has_text="Ban …").click()
    visit.page.get_by_label("Networks").first.fill("127.0.0.1")
    visit.page.get_by_role("button", name="Ban", exact=True).click()
    visit.page.locator("dialog button.primary").click()
    expect(visit.page.locator(".toast.bad")).to_contain_text("own address")


def test_a_viewer_sees_everything_and_can_press_nothing(
    site: Site, context: BrowserContext
) -> None:
    """And is told so."""
    visit = Visit(site, context.new_page())
    visit.log_in(site.viewer)
    visit.go("bans")
    expect(visit.page.get_by_role("button", name="Lift 198.51.100.7")).to_be_disabled()
    assert "You may look, but not change anything." in visit.text()
    visit.go("settings")
    expect(visit.page.get_by_role("button", name="Try …")).to_be_disabled()
    assert site.daemon.text not in visit.page.content()
    assert visit.complaints == []


def test_what_strangers_wrote_stays_text(visit: Visit) -> None:
    """In names of services, reasons, events and answers; the policy is never asked."""
    daemon = visit.site.daemon
    first = daemon.services[0]
    daemon.services = (
        type(first)(7, f"*:80 {HOSTILE}", 80, "protect", "stack", reason=HOSTILE, advice=HOSTILE),
    )
    for row in daemon.bans.values():
        row["reason"] = HOSTILE
    for event in daemon.events:
        event["text"] = HOSTILE
    for row in daemon.incident_rows:
        row["service"] = row["opened_text"] = HOSTILE
    visit.page.wait_for_selector(".services tbody th:has-text('onerror')")
    for path in PAGES:
        visit.go(path)
        assert visit.page.locator("img[src=x]").count() == 0
        assert visit.page.locator("main script").count() == 0
    assert HOSTILE in visit.text()
