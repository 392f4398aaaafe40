"""The door: log-ins, cookies, files, and a daemon that is gone."""

from __future__ import annotations

from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from floodwall.console.web.tokens import read_tokens, removed, write_tokens
from tests.support.web_console import Reply, Site, console


def cookie_of(reply: Reply) -> str:
    """Return the cookie that a log-in gives, as a browser sends it back."""
    (text,) = reply.cookies
    (name, value) = next((key, morsel.value) for key, morsel in SimpleCookie(text).items())
    return f"{name}={value}"


def log_in(site: Site, token: str) -> str:
    """Log in."""
    reply = site.ask("/api/login", {"token": token})
    assert reply.status == 200
    return cookie_of(reply)


def test_a_log_in_gives_a_cookie_that_no_script_and_no_other_site_gets(site: Site) -> None:
    """And that is worth what the token is worth."""
    reply = site.ask("/api/login", {"token": site.viewer})
    text = reply.cookies[0].lower()
    cookie = cookie_of(reply)

    assert reply.told == {"name": "eve", "level": "view"}
    assert "httponly" in text
    assert "samesite=strict" in text
    assert site.ask("/api/session", headers={"cookie": cookie}).told["name"] == "eve"
    body = {"networks": ["203.0.113.9"]}
    assert site.ask("/api/bans", body, headers={"cookie": cookie}).status == 403
    assert site.viewer not in cookie


def test_a_log_out_ends_the_session(site: Site) -> None:
    """For everybody who has the cookie."""
    cookie = {"cookie": log_in(site, site.operator)}
    assert site.ask("/api/snapshot", headers=cookie).status == 200
    assert site.ask("/api/logout", {}, headers=cookie).status == 200
    assert site.ask("/api/snapshot", headers=cookie).status == 401


def test_a_log_in_from_another_site_is_refused(site: Site) -> None:
    """Nobody is logged in as somebody else without knowing."""
    headers = {"origin": "http://evil.example"}
    assert site.ask("/api/login", {"token": site.viewer}, headers=headers).status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/static/....//app.py",
        "/static/%00",
        "/static/",
        "/../../etc/passwd",
        "/tokens.json",
        "/static/tokens.json",
        "/static/__init__.py",
        "/%5c..%5cetc%5cpasswd",
    ],
)
def test_no_other_file_of_this_machine_can_be_read(site: Site, path: str) -> None:
    """Files are known by name: there is no path to walk."""
    assert site.ask(path, token=site.operator).status == 404


def test_the_pages_are_served_to_anybody_and_hold_nothing(site: Site) -> None:
    """They are the same for all; a browser that has them is told so."""
    page = site.ask("/")
    script = site.ask("/static/app.js")
    again = site.ask("/static/app.js", headers={"if-none-match": script.headers["etag"]})

    assert (page.status, script.status, again.status, again.body) == (200, 200, 304, b"")
    assert b"nginx" not in page.body
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_do_nothing(site: Site, method: str) -> None:
    """Refused before or by the table."""
    reply = site.ask("/api/bans", {}, token=site.operator, method=method)
    assert reply.status == 405
    assert site.ask("/api/bans", token=site.operator, method="HEAD").status in {200, 405}


def test_a_daemon_that_is_gone_is_told(tmp_path: Path) -> None:
    """Looking and asking both say so, and the console lives."""
    with console(tmp_path, alone=True) as site:
        snapshot = site.ask("/api/snapshot", token=site.viewer)
        bans = site.ask("/api/bans", token=site.viewer)

    assert (snapshot.told["link"], snapshot.told["live"]) == ("never", None)
    assert "no daemon can be reached" in snapshot.told["error"]
    assert bans.status == 503


def test_failed_log_ins_are_slowed_down_and_a_removed_token_is_worth_nothing(
    tmp_path: Path,
) -> None:
    """By address: a console of its own, for it stays slowed down."""
    with console(tmp_path) as site:
        cookie = {"cookie": log_in(site, site.operator)}
        write_tokens(site.tokens, removed(read_tokens(site.tokens), "anna"))
        assert site.ask("/api/login", {"token": site.operator}).status == 401
        assert site.ask("/api/session", headers=cookie).status == 401
        replies = [site.ask("/api/login", {"token": f"fw_{n}"}) for n in range(14)]

    assert replies[0].status == 401
    assert replies[-1].status == 429
    assert int(replies[-1].headers["retry-after"]) >= 1
