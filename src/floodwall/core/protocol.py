"""The language of the control socket: frames, requests and answers.

A frame is a length of four bytes, most significant first, and so many bytes of JSON.  Law: what a
peer sends is measured before it is kept, and judged before it is used.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from floodwall.core.errors import ConfigError, FloodwallError

VERSION = 1
"""Version of requests and answers; a daemon refuses every other one."""

LARGEST_BYTES = 64 * 1024
"""Longest JSON of one frame."""

SOCKET = "control.sock"
"""Name of the socket in the run directory of a network namespace."""

HEADER_BYTES = 4
"""Bytes of a frame before its JSON."""

BY_MAX = 64
"""Characters of the name of whom a peer asks for."""

_LENGTH = struct.Struct("!I")
_ROOM_BYTES = 2048  # of a frame, for what stands around a page of a list

T = TypeVar("T")


class ProtocolError(ConfigError):
    """A peer does not speak this language: nothing that follows can be understood."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a peer asks for: a verb and its arguments."""

    v: int
    id: int
    do: str
    args: dict[str, Any] = field(default_factory=dict)
    by: str = ""
    """For whom the peer asks, if it asks for others; it is said, and gives no right."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request was not carried out; `code` is the exit code of a command line."""

    message: str
    hint: str = ""
    code: int = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the request with the same number."""

    v: int
    id: int
    result: dict[str, Any] | None = None
    error: Refusal | None = None


def encode(message: Request | Answer) -> bytes:
    """Return the frame of a message, or raise ProtocolError if it is too long."""
    try:
        raw = msgspec.json.encode(message)
    except UnicodeEncodeError as error:
        raise ProtocolError("what was written is not UTF-8") from error
    if len(raw) > LARGEST_BYTES:
        raise ProtocolError(f"{len(raw):,} bytes are more than a frame takes ({LARGEST_BYTES:,})")
    return _LENGTH.pack(len(raw)) + raw


def decode_request(raw: bytes) -> Request:
    """Read the JSON of a request, or raise ProtocolError with the reason why not."""
    request = _decode(raw, Request)
    if request.v != VERSION:
        raise ProtocolError(
            f"version {request.v} of the protocol is not spoken here",
            hint=f"this daemon speaks version {VERSION}",
        )
    if len(request.by) > BY_MAX or not (request.by or " ").isprintable():
        raise ProtocolError(f"who asks has at most {BY_MAX} printable characters")
    return request


def decode_answer(raw: bytes) -> Answer:
    """Read the JSON of an answer, or raise ProtocolError with the reason why not."""
    return _decode(raw, Answer)


def decode_arguments(request: Request, kind: type[T]) -> T:
    """Read the arguments of a request strictly, or raise ConfigError naming the wrong one."""
    known = getattr(kind, "__dataclass_fields__", {})
    if unknown := sorted(request.args.keys() - known.keys()):
        raise ConfigError(f"{request.do} takes no {', '.join(unknown)}")
    try:
        return msgspec.convert(request.args, kind, strict=True)
    except (msgspec.ValidationError, RecursionError) as error:
        raise ConfigError(f"{request.do}: {error}") from error


def succeeded(number: int, result: Mapping[str, Any]) -> Answer:
    """Return the answer of a request that was carried out."""
    return Answer(VERSION, number, result=dict(result))


def refused(number: int, error: FloodwallError) -> Answer:
    """Return the answer of a request that was not carried out."""
    return Answer(VERSION, number, error=Refusal(error.message, error.hint, error.exit_code))


def length_of(header: bytes | bytearray) -> int:
    """Read the length of a frame, or raise ProtocolError if nobody should wait for it."""
    (length,) = _LENGTH.unpack(header)
    if not 0 < length <= LARGEST_BYTES:
        raise ProtocolError(f"a frame has 1 to {LARGEST_BYTES:,} bytes, not {length:,}")
    return int(length)


def page(rows: Iterable[Any], begin: int, used_bytes: int = 0) -> tuple[list[Any], int | None]:
    """Return as many rows from `begin` on as fit into a frame, and where the next page begins."""
    room = LARGEST_BYTES - _ROOM_BYTES - used_bytes
    taken: list[Any] = []
    for place, row in enumerate(rows):
        if place < begin:
            continue
        room -= len(msgspec.json.encode(row)) + 1
        if room < 0 and taken:
            return taken, place
        taken.append(row)
    return taken, None


def _decode(raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind, strict=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(f"not understood: {error}") from error
