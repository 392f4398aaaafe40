"""What every request must pass before anything is read of it.

Law: a page of another site can neither read from here nor make a browser ask here.  Names that
lead to this machine but are none of ours are refused (DNS rebinding), and so is what another
origin has a browser send.  Everything is bounded: bodies in bytes and in time.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_MAX = 128 * 1024
"""Bytes of a body: more than a frame of the control socket takes."""

BODY_S = 10.0
"""So long a body may take."""

MARK = "x-floodwall"
"""A header that no form and no picture can send: it makes a browser ask first (CORS)."""

SAFE = frozenset({"GET", "HEAD"})

HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class TooLargeError(Exception):
    """A body has more bytes than anything here takes."""


class Names:
    """The names under which this console may be called."""

    def __init__(self, host: str, port: int, more: tuple[str, ...] = ()) -> None:
        """Take the address that is listened on, and names that a proxy in front may use."""
        own = {_bracketed(host)}
        if _is_loopback(host):
            own |= {"localhost", "127.0.0.1", "[::1]"}
        self._hosts = frozenset(f"{name}:{port}" for name in own) | {name.lower() for name in more}
        if port == 80:
            self._hosts |= own

    def knows(self, host: str) -> bool:
        """Tell whether this is us."""
        return host.lower() in self._hosts

    def is_own_origin(self, origin: str, host: str) -> bool:
        """Tell whether a page of ours was asked for under `host`, by the word of a browser."""
        return origin.lower() in {f"http://{host.lower()}", f"https://{host.lower()}"}


class Guard:
    """Refuses what must not be looked at, and says so without a detail."""

    def __init__(self, app: ASGIApp, names: Names) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        sender = _with_headers(send, cached=scope["path"].startswith("/static/"))
        if refusal := self._why_not(scope):
            status, words = refusal
            await _refuse(status, words)(scope, receive, sender)
            return
        await self._app(scope, _bounded(receive), sender)

    def _why_not(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._names.knows(hosts[0]):
            return 421, "this console is not called so"
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
        if origin is not None and not self._names.is_own_origin(origin, hosts[0]):
            return 403, "asked by a page of another site"
        if site not in {"same-origin", "none"} and scope["path"].startswith("/api/"):
            return 403, "asked by a page of another site"
        return None if scope["method"] in SAFE else _why_not_change(headers)


def _why_not_change(headers: Headers) -> tuple[int, str] | None:
    """Refuse what a page of another site can make a browser send without asking first."""
    if MARK not in headers:
        return 403, f"the header {MARK} is missing"
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return 415, "a body is application/json"
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdecimal()) or int(length[:12]) > BODY_MAX:
        return 413, f"a body has at most {BODY_MAX:,} bytes"
    return None


def _bounded(receive: Receive) -> Receive:
    """Count the bytes of a body, and the time that it takes."""
    taken = 0
    deadline: float | None = None
    whole = False

    async def bounded() -> Message:
        nonlocal taken, deadline, whole
        if whole:
            return await receive()
        loop = asyncio.get_running_loop()
        deadline = deadline or loop.time() + BODY_S
        async with asyncio.timeout_at(deadline):
            message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY_MAX:
            raise TooLargeError
        whole = not message.get("more_body", False)
        return message

    return bounded


def _with_headers(send: Send, *, cached: bool) -> Callable[[Message], Awaitable[None]]:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if not cached:
                headers["cache-control"] = "no-store"
        await send(message)

    return sending


def _refuse(status: int, words: str) -> JSONResponse:
    return JSONResponse({"error": {"message": words, "hint": ""}}, status_code=status)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host.lower()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
