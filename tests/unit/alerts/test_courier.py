"""What carries one alert: through Apprise, to real servers on loopback."""

from __future__ import annotations

import email
import email.policy
import json
import re
import socket
from typing import Any

import pytest

from floodwall.alerts.courier import reason_of
from floodwall.alerts.delivery import Parcel, deliver
from floodwall.core.alert_targets import Target, parse_targets
from tests.support.alerts import AlertBook, flood
from tests.support.receivers import http_server, smtp_server
from tests.support.tree import text

SECRET = "correct-horse-battery"  # noqa: S105  a secret of nobody


def parcel() -> Parcel:
    """Return the alert of a flood."""
    (started,) = (AlertBook() >> flood(0)).messages
    return Parcel("7", started, "web1")


def via(url: str) -> Target:
    """Make a target of an Apprise address."""
    return Target.model_validate({"url": url})


@pytest.mark.slow
def test_apprise_delivers_to_a_web_service() -> None:
    """Headline and text, as the service gets them."""
    with http_server() as server:
        outcome = deliver(via(f"json://127.0.0.1:{server.port}/x"), parcel())

    assert outcome.why == ""
    ((_, _, raw),) = server.requests
    told = json.loads(raw)
    assert told["title"].startswith("[floodwall web1] warning: A SYN flood")
    assert "Do users get in: Yes" in told["message"]


@pytest.mark.slow
def test_apprise_delivers_mail() -> None:
    """With a subject that says it all and a text that answers the five questions."""
    with smtp_server() as server:
        outcome = deliver(
            via(f"mailto://127.0.0.1:{server.port}?from=a@b.example&to=ops@b.example&format=text"),
            parcel(),
        )

    assert outcome.why == ""
    ((recipients, _, raw),) = server.requests
    assert "ops@b.example" in recipients
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert str(mail["Subject"]).startswith("[floodwall web1] warning: A SYN flood")
    text = mail.get_body(("plain",))
    assert text is not None
    assert "What you should do now: Nothing urgent." in text.get_content()


@pytest.mark.slow
def test_a_service_that_refuses_is_told_by_its_status() -> None:
    """Without a word of its address."""
    with http_server() as server:
        server.status = 503
        outcome = deliver(via(f"json://user:{SECRET}@127.0.0.1:{server.port}/{SECRET}"), parcel())

    assert outcome.why == "refused with status 503"


@pytest.mark.slow
def test_a_port_where_nobody_listens_is_told() -> None:
    """A bound socket that does not listen refuses, and belongs to us."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        outcome = deliver(via(f"json://127.0.0.1:{nobody.getsockname()[1]}"), parcel())

    assert outcome.why == "connection refused"


@pytest.mark.slow
def test_a_mail_server_that_refuses_is_told() -> None:
    """A recipient that it does not know."""
    with smtp_server(refuses=True) as server:
        outcome = deliver(
            via(f"mailto://127.0.0.1:{server.port}?from=a@b.example&to=x@b.example"), parcel()
        )

    assert not outcome.arrived
    assert server.requests == []


@pytest.mark.slow
def test_an_address_that_nobody_understands_is_told() -> None:
    """Not shown."""
    assert deliver(via(f"nonsense://{SECRET}"), parcel()).why == (
        "no address that Apprise understands"
    )


@pytest.mark.slow
def test_a_service_that_is_slow_is_waited_for() -> None:
    """Less than the patience is no failure."""
    with http_server() as server:
        server.delay_s = 1.0
        assert deliver(via(f"json://127.0.0.1:{server.port}"), parcel()).arrived


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.imghdr. is deprecated:DeprecationWarning")
def test_every_address_that_the_page_shows_is_understood() -> None:
    """By the version of Apprise that is pinned."""
    import apprise

    page = text("docs/alerts.md").split("## Where to")[1]
    targets = parse_targets(page.split("```")[1], "docs/alerts.md")
    shown = [each.url.get_secret_value() for each in targets.values() if each.url is not None]
    schemes = re.findall(r"`(\w+)://`", page)

    assert len(shown) == 4
    assert all(apprise.Apprise().add(address) for address in shown)
    assert {"tgram", "matrixs"} <= set(schemes)
    known = {scheme for row in apprise.Apprise().details()["schemas"] for scheme in _of(row)}
    assert known.issuperset(schemes)


def _of(row: dict[str, Any]) -> set[str]:
    return {*(row["protocols"] or ()), *(row["secure_protocols"] or ())}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (f"Failed to send JSON {SECRET}: Not Found, error=404.", "refused with status 404"),
        (f"[Errno 111] Connection refused to {SECRET}", "connection refused"),
        (f"TimeoutError: timed out {SECRET}", "timed out"),
        (f"certificate verify failed CERTIFICATE_VERIFY_FAILED {SECRET}", "certificate not valid"),
        (SECRET, "not delivered"),
        ("", "not delivered"),
    ],
)
def test_a_reason_holds_no_secret(words: str, why: str) -> None:
    """It is chosen, not quoted."""
    assert reason_of(words) == why
