"""The stream of seconds, as server-sent events."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from floodwall.console.web.api import Caller
from floodwall.console.web.hub import FullError, Hub
from floodwall.console.web.patience import hang_up

SLOW_S = 10.0
"""A viewer that takes nothing for so long is hung up on."""

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
]


class Stream:
    """Sends each second to whoever may look, for as long as that holds."""

    def __init__(self, hub: Hub, caller: Callable[[Request], Caller | None]) -> None:
        """Take the seconds, and what knows who asks."""
        self._hub = hub
        self._caller = caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one viewer until it is gone, too slow or logged out."""
        request = Request(scope)
        if self._caller(request) is None:
            await _refusal(401, "nobody is logged in")(scope, receive, send)
            return
        gone = asyncio.create_task(_until_gone(receive))
        try:
            async with aclosing(self._hub.watch()) as seconds:
                begun = False
                while (second := await _next(seconds, gone)) and self._caller(request):
                    if not begun:
                        start = {"type": "http.response.start", "status": 200}
                        await send({**start, "headers": list(_HEADERS)})
                        begun = True
                    async with asyncio.timeout(SLOW_S):
                        body = {"type": "http.response.body", "body": second, "more_body": True}
                        await send(body)
            await send({"type": "http.response.body", "body": b""})
        except FullError:
            await _refusal(429, "too many look at once")(scope, receive, send)
        except TimeoutError:
            hang_up(scope.get("client"))
            await gone
        finally:
            gone.cancel()


async def _next(seconds: AsyncGenerator[bytes, None], gone: asyncio.Task[None]) -> bytes:
    """Return the next second; nothing as soon as the viewer is gone."""
    waiting = asyncio.ensure_future(anext(seconds))
    await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
    if gone.done():
        waiting.cancel()
        with suppress(asyncio.CancelledError, FullError):
            await waiting
        return b""
    return await waiting


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _refusal(status: int, words: str) -> Response:
    raw = msgspec.json.encode({"error": {"message": words, "hint": ""}})
    return Response(raw, status_code=status, media_type="application/json")
