"""The language of the control socket."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.errors import ConfigError, NotSupported
from floodwall.core.protocol import (
    HEADER_BYTES,
    LARGEST_BYTES,
    VERSION,
    ProtocolError,
    Request,
    decode_answer,
    decode_arguments,
    decode_request,
    encode,
    length_of,
    page,
    refused,
    succeeded,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Arguments of a verb."""

    count: int
    name: str = ""


@given(st.dictionaries(st.text(max_size=10), JSON, max_size=5))
def test_a_request_is_read_as_it_was_written(arguments: dict[str, object]) -> None:
    """Through a frame and back."""
    frame = encode(Request(VERSION, 3, "ban", arguments))

    assert length_of(frame[:HEADER_BYTES]) == len(frame) - HEADER_BYTES
    assert decode_request(frame[HEADER_BYTES:]) == Request(VERSION, 3, "ban", arguments)


@given(st.binary(max_size=300))
def test_garbage_is_refused_and_nothing_else(raw: bytes) -> None:
    """Whatever the bytes are, the only error is ours."""
    for decode in (decode_request, decode_answer):
        with suppress(ProtocolError):
            decode(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[1]",
        b"null",
        b'{"v":1,"id":1}',
        b'{"v":"1","id":1,"do":"x"}',
        b'{"v":1,"id":true,"do":"x"}',
        b'{"v":1,"id":1,"do":"x","args":[]}',
        b'{"v":1,"id":1e400,"do":"x"}',
        b'{"v":1,"id":NaN,"do":"x"}',
        b'{"v":1,"id":1,"do":"\xff"}',
        b"[" * LARGEST_BYTES,
        b'{"v":1,"id":1,"do":"x","args":' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
    ],
)
def test_what_is_no_request_is_said(raw: bytes) -> None:
    """Missing, of a wrong type, not JSON, too deep."""
    with pytest.raises(ProtocolError, match="not understood"):
        decode_request(raw)


@pytest.mark.parametrize("version", [0, 2, 10**6])
def test_another_version_is_refused(version: int) -> None:
    """With the one that is spoken."""
    with pytest.raises(ProtocolError, match=f"version {version}") as caught:
        decode_request(json.dumps({"v": version, "id": 1, "do": "status"}).encode())

    assert "version 1" in caught.value.hint


@pytest.mark.parametrize("length", [0, LARGEST_BYTES + 1, 2**32 - 1])
def test_nobody_waits_for_an_impossible_length(length: int) -> None:
    """Neither nothing nor a gigabyte."""
    with pytest.raises(ProtocolError, match="a frame has 1 to 65,536 bytes"):
        length_of(length.to_bytes(4, "big"))


def test_too_long_a_message_is_not_written() -> None:
    """What nobody would read is not sent."""
    with pytest.raises(ProtocolError, match="more than a frame takes"):
        encode(Request(VERSION, 1, "apply", {"text": "x" * LARGEST_BYTES}))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "count"),
        ({"count": "1"}, "count"),
        ({"count": True}, "count"),
        ({"count": 1.5}, "count"),
        ({"count": 1, "nmae": "x"}, "takes no nmae"),
    ],
)
def test_arguments_are_strict(arguments: dict[str, object], said: str) -> None:
    """A wrong or unknown one is named."""
    with pytest.raises(ConfigError, match=said):
        decode_arguments(Request(VERSION, 1, "do", arguments), Wanted)


def test_arguments_may_be_left_out_where_they_may() -> None:
    """What has a default."""
    assert decode_arguments(Request(VERSION, 1, "do", {"count": 2}), Wanted) == Wanted(2)


def test_answers_carry_result_or_reason() -> None:
    """With the exit code of whose mistake it is."""
    good = decode_answer(encode(succeeded(4, {"rows": [1]}))[HEADER_BYTES:])
    bad = decode_answer(encode(refused(5, NotSupported("no", hint="buy")))[HEADER_BYTES:])

    assert (good.id, good.result, good.error) == (4, {"rows": [1]}, None)
    assert bad.error is not None
    assert (bad.id, bad.error.message, bad.error.hint, bad.error.code) == (5, "no", "buy", 3)


@given(st.lists(st.text(max_size=3000), max_size=80))
def test_pages_make_up_the_list(rows: list[str]) -> None:
    """Each fits into a frame, and together they are everything, in order."""
    collected: list[str] = []
    begin: int | None = 0
    while begin is not None:
        part, begin = page(rows, begin)
        encode(succeeded(1, {"rows": part, "next": begin}))
        collected += part
        assert part or begin is None

    assert collected == rows


def test_for_whom_a_peer_asks_is_bounded() -> None:
    """It is written into the record: no line of its own, no novel."""
    for by in ("a" * 65, "anna\nroot"):
        with pytest.raises(ProtocolError, match="printable"):
            decode_request(encode(Request(VERSION, 1, "ban", {}, by))[4:])
    assert decode_request(encode(Request(VERSION, 1, "ban", {}, "anna"))[4:]).by == "anna"


def test_what_is_not_utf8_is_said() -> None:
    """As an argument may be that was typed in another locale."""
    with pytest.raises(ProtocolError, match="not UTF-8"):
        encode(Request(VERSION, 1, "ban", {"reason": "\udcff"}))
