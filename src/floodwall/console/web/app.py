"""The console as an application: who asks is known before anything is answered."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from floodwall import __version__
from floodwall.app.client import RefusedError, UnreachableError
from floodwall.console.web.api import CALLS, Call, Caller, Context
from floodwall.console.web.asker import BusyError
from floodwall.console.web.files import File
from floodwall.console.web.guard import BODY_MAX, BODY_S, Guard, Names, TooLargeError
from floodwall.console.web.openapi import describe
from floodwall.console.web.sessions import LASTS_S, Sessions, Tries
from floodwall.console.web.stream import Stream
from floodwall.console.web.tokens import Level, Token, find
from floodwall.core.errors import ConfigError, FloodwallError
from floodwall.core.protocol import ProtocolError

COOKIE = "floodwall"
TOKENS_EVERY_S = 5.0
_TOKEN_MAX = 256
_UNSUPPORTED = 3


class NotAnsweredError(Exception):
    """What is answered in place of what was asked for."""

    def __init__(self, status: int, message: str, hint: str = "", wait_s: int = 0) -> None:
        """Take the status, why, what to do, and how long to wait before."""
        super().__init__(message)
        self.status, self.message, self.hint, self.wait_s = status, message, hint, wait_s


class Door:
    """Knows who may come in."""

    def __init__(self, tokens: Callable[[], tuple[Token, ...]], *, secure: bool) -> None:
        """Take what reads the tokens; `secure` cookies are sent over TLS only."""
        self._read = tokens
        self._secure = secure
        self._tokens: tuple[Token, ...] = ()
        self._sessions = Sessions()
        self._tries = Tries(time.monotonic_ns())

    async def reload(self) -> None:
        """Read the tokens again; those that cannot be read stay as they were."""
        with suppress(ConfigError):
            self._tokens = await asyncio.to_thread(self._read)
            self._sessions.keep(self._tokens)

    def caller(self, request: Request) -> Caller | None:
        """Return who asks: by cookie, or by a token in the header."""
        now_ns = time.monotonic_ns()
        kind, _, text = request.headers.get("authorization", "").partition(" ")
        if text:
            return self._by_token(request, text) if kind.lower() == "bearer" else None
        session = self._sessions.find(request.cookies.get(COOKIE, ""), now_ns)
        return Caller(session.name, session.level) if session else None

    async def log_in(self, request: Request) -> Response:
        """Take a token, and give a cookie."""
        asked = _decoded(await request.body(), _Login)
        await self.reload()
        caller = self._by_token(request, asked.token)
        if caller is None:
            raise NotAnsweredError(
                401, "nobody has this token", "'floodwall console --new-token NAME'"
            )
        token = next(each for each in self._tokens if each.name == caller.name)
        cookie = self._sessions.open(token, time.monotonic_ns())
        response = _json({"name": caller.name, "level": caller.level.value})
        response.set_cookie(
            COOKIE, cookie, max_age=LASTS_S, httponly=True, samesite="strict", secure=self._secure
        )
        return response

    async def log_out(self, request: Request) -> Response:
        """End the session."""
        self._sessions.close(request.cookies.get(COOKIE, ""))
        response = _json({})
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self._secure)
        return response

    def _by_token(self, request: Request, text: str) -> Caller | None:
        address, now_ns = request.client.host if request.client else "", time.monotonic_ns()
        if wait_ns := self._tries.wait_ns(address, now_ns):
            wait_s = wait_ns // 10**9 + 1
            raise NotAnsweredError(
                429, "too many log-ins have failed", f"try again in {wait_s} s", wait_s
            )
        token = find(self._tokens, text[:_TOKEN_MAX])
        if token is None:
            self._tries.failed(address, now_ns)
            return None
        return Caller(token.name, token.level)


@dataclass(frozen=True, slots=True)
class _Login:
    token: str


def make_app(context: Context, door: Door, names: Names, static: Mapping[str, File]) -> Guard:
    """Put everything together."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await door.reload()
        tasks = [asyncio.create_task(context.hub.run()), asyncio.create_task(_reload(door))]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(context.hub.close)

    routes: list[BaseRoute] = [
        Route("/", _file(static["index.html"])),
        *(Route(f"/static/{name}", _file(file)) for name, file in static.items()),
        Route("/api/login", _told(door.log_in), methods=["POST"]),
        Route("/api/logout", _told(door.log_out), methods=["POST"]),
        Route("/api/session", _told(_session(context, door))),
        Route("/api/openapi.json", _told(_openapi(door))),
        Route("/api/stream", Stream(context.hub, door.caller)),
        *(Route(call.path, _told(_endpoint(context, door, call)), methods=[call.method])
          for call in CALLS),
    ]  # fmt: skip
    return Guard(Starlette(routes=routes, lifespan=lifespan), names)


async def _reload(door: Door) -> None:
    while True:
        await asyncio.sleep(TOKENS_EVERY_S)
        await door.reload()


Answering = Callable[[Request], Awaitable[Response]]


def _told(answer: Answering) -> Answering:
    """Turn what goes wrong into an answer."""

    async def telling(request: Request) -> Response:
        try:
            return await answer(request)
        except NotAnsweredError as error:
            refused = error
        except FloodwallError as error:
            refused = _refusal(error)
        except TooLargeError:
            refused = NotAnsweredError(413, f"a body has at most {BODY_MAX:,} bytes")
        except TimeoutError:
            refused = NotAnsweredError(408, f"a body takes at most {BODY_S:g} s")
        response = _json({"error": {"message": refused.message, "hint": refused.hint}})
        response.status_code = refused.status
        if refused.wait_s:
            response.headers["retry-after"] = str(refused.wait_s)
        return response

    return telling


def _refusal(error: FloodwallError) -> NotAnsweredError:
    status = 409
    if isinstance(error, BusyError):
        status = 429
    elif isinstance(error, UnreachableError | ProtocolError):
        status = 503
    elif isinstance(error, RefusedError) and error.exit_code == _UNSUPPORTED:
        status = 501
    return NotAnsweredError(status, error.message, error.hint)


def _endpoint(context: Context, door: Door, call: Call) -> Answering:
    async def answering(request: Request) -> Response:
        caller = _admit(door, request, call.level)
        if call.level is Level.OPERATE and context.hub.snapshot.role == "view":
            raise NotAnsweredError(
                403, "the daemon lets this console look only", "see docs/console.md: operators"
            )
        asked = await _asked(request, call)
        return _json(await call.answer(context, caller, asked))

    return answering


def _admit(door: Door, request: Request, needed: Level) -> Caller:
    caller = door.caller(request)
    if caller is None:
        raise NotAnsweredError(401, "nobody is logged in", "log in with a token")
    if not caller.level.allows(needed):
        raise NotAnsweredError(403, f"{caller.name} may look, but not change anything")
    return caller


async def _asked(request: Request, call: Call) -> Any:
    if call.method == "POST":
        return _decoded(await request.body(), call.takes)
    query = request.query_params
    if len(query.multi_items()) != len(query.keys()):
        raise NotAnsweredError(400, "something was asked twice")
    words = {**query, **request.path_params}
    return _converted(words, call.takes, strict=False)


def _decoded(raw: bytes, kind: type[Any]) -> Any:
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAnsweredError(400, f"not understood: {error}") from error
    return _converted(value, kind, strict=True)


def _converted(value: Any, kind: type[Any], *, strict: bool) -> Any:
    known = kind.__dataclass_fields__
    if isinstance(value, dict) and (unknown := sorted(value.keys() - known.keys())):
        raise NotAnsweredError(400, f"nothing here is called {', '.join(unknown)[:200]}")
    try:
        return msgspec.convert(value, kind, strict=strict)
    except (msgspec.ValidationError, RecursionError) as error:
        raise NotAnsweredError(400, f"not understood: {error}") from error


def _session(context: Context, door: Door) -> Answering:
    async def answering(request: Request) -> Response:
        caller = _admit(door, request, Level.VIEW)
        return _json(
            {
                "name": caller.name,
                "level": caller.level.value,
                "program": __version__,
                "daemon": context.hub.snapshot.role,
            }
        )

    return answering


def _openapi(door: Door) -> Answering:
    document = msgspec.json.encode(describe())

    async def answering(request: Request) -> Response:
        _admit(door, request, Level.VIEW)
        return Response(document, media_type="application/json")

    return answering


def _file(file: File) -> Answering:
    headers = {"etag": file.etag, "cache-control": "no-cache"}

    async def answering(request: Request) -> Response:
        if request.headers.get("if-none-match") == file.etag:
            return Response(status_code=304, headers=headers)
        return Response(file.content, headers=headers, media_type=file.kind)

    return answering


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
