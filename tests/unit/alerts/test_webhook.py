"""The signed webhook, as its receiver sees it."""

from __future__ import annotations

import json
import time

import pytest

from floodwall.alerts.delivery import Parcel, deliver
from floodwall.alerts.webhook import DELIVERY, SIGNATURE, TIMESTAMP, WINDOW_S, is_genuine, sign
from floodwall.core.alert_targets import Target
from tests.support.alerts import AlertBook, flood
from tests.support.receivers import CERTIFICATE, Received, http_server

SECRET = "correct-horse-battery"  # noqa: S105  a secret of nobody
RAW = b'{"event":"started"}'


def genuine(stamp: int) -> dict[str, str]:
    """Return the headers of a request that was signed then."""
    return {TIMESTAMP: str(stamp), SIGNATURE: sign(SECRET.encode(), stamp, RAW)}


def told(server: Received, *, patience_s: float = 20.0, scheme: str = "http") -> str:
    """Send the alert of a flood, and return why that failed."""
    (started,) = (AlertBook() >> flood(0)).messages
    target = Target.model_validate(
        {"webhook": f"{scheme}://127.0.0.1:{server.port}/hook?x=1", "secret": SECRET}
    )
    return deliver(target, Parcel("7", started, "web1"), patience_s).why


def test_the_signature_is_the_documented_one() -> None:
    """As `openssl dgst -sha256 -hmac` computes it over the same bytes."""
    assert sign(SECRET.encode(), 1700000000, RAW) == (
        "v1=757d4d6417d98a403c17270654c4faa0f109ef8b43a700d490a174db0185b976"
    )


@pytest.mark.parametrize("age_s", [0, WINDOW_S, -WINDOW_S])
def test_a_genuine_request_is_taken_within_the_window(age_s: int) -> None:
    """Clocks differ."""
    assert is_genuine(SECRET.encode(), genuine(1000), RAW, 1000 + age_s)


def test_what_is_forged_or_replayed_is_refused() -> None:
    """Another secret, another body, another time, a time outside of the window, none at all."""
    secret, headers = SECRET.encode(), genuine(1000)
    assert not is_genuine(b"another", headers, RAW, 1000)
    assert not is_genuine(secret, headers, RAW + b" ", 1000)
    assert not is_genuine(secret, headers | {TIMESTAMP: "1001"}, RAW, 1000)
    assert not is_genuine(secret, headers, RAW, 1000 + WINDOW_S + 1)
    assert not is_genuine(secret, headers, RAW, 1000 - WINDOW_S - 1)
    assert not is_genuine(secret, {}, RAW, 1000)
    assert not is_genuine(secret, headers | {TIMESTAMP: "٣"}, RAW, 1000)


@pytest.mark.slow
def test_a_receiver_gets_what_it_can_check() -> None:
    """Body, signature, and a number by which it knows a repetition."""
    with http_server() as server:
        assert told(server) == ""

    ((path, headers, raw),) = server.requests
    assert path == "/hook?x=1"
    assert is_genuine(SECRET.encode(), headers, raw, time.time())
    assert headers[DELIVERY] == "7"
    assert json.loads(raw)["urgency"] == "warning"


@pytest.mark.slow
def test_a_certificate_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that nobody vouches for gets nothing; one that somebody does gets the alert."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with http_server(tls=True) as server:
        assert told(server, scheme="https") == "certificate not valid"
        assert server.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        assert told(server, scheme="https") == ""

    assert [path for path, _, _ in server.requests] == ["/hook?x=1"]


@pytest.mark.slow
def test_a_redirect_is_not_followed() -> None:
    """What is signed for one receiver goes to no other."""
    with http_server() as server:
        server.status = 302
        assert told(server) == "refused with status 302"

    assert len(server.requests) == 1


@pytest.mark.slow
@pytest.mark.parametrize("manner", ["hangs", "drips"])
def test_a_receiver_that_keeps_us_waiting_is_left(manner: str) -> None:
    """Whether it says nothing, or a byte now and then: time is bounded from outside."""
    with http_server() as server:
        setattr(server, manner, True)
        begun_s = time.monotonic()
        assert told(server, patience_s=1.5) == "no answer in time"
        assert time.monotonic() - begun_s < 10
