"""What a human reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from floodwall.core.alert_text import as_json, body, headline
from floodwall.core.alert_troubles import Urgency
from floodwall.core.alerting import Event, Message, trial_message
from tests.support.alerts import START_S, AlertBook, flood


def message(event: Event = Event.STARTED) -> Message:
    """Return what is told of a flood."""
    (started,) = (AlertBook() >> flood(0)).messages
    return replace(started, event=event, at_s=START_S + 125.0)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Event.STARTED, "warning: A SYN flood from forged addresses; users get in"),
        (Event.CHANGED, "warning: now: A SYN flood from forged addresses; users get in"),
        (
            Event.LASTS,
            "warning: still, after 2m 5s: A SYN flood from forged addresses; users get in",
        ),
        (Event.ENDED, "over: over after 2m 5s: A SYN flood from forged addresses"),
    ],
)
def test_the_headline_says_it_all(event: Event, words: str) -> None:
    """On a lock screen there is no more."""
    assert headline(message(event), "web1") == f"[floodwall web1] {words}"


def test_the_headline_says_who_is_locked_out_and_who_is_not_any_more() -> None:
    """A change for the better goes the way of what was critical, and is not called so."""
    book = AlertBook() >> flood(0, users=False)
    assert headline(book.messages[0], "web1") == (
        "[floodwall web1] CRITICAL: A SYN flood from forged addresses; users do NOT get in"
    )
    book >> flood(1) >> flood(16)
    (better,) = book.messages
    assert better.urgency is Urgency.CRITICAL
    assert headline(better, "web1") == (
        "[floodwall web1] warning: now: A SYN flood from forged addresses; users get in"
    )
    (unknown,) = (AlertBook() >> flood(0, users=None)).messages
    assert headline(unknown, "web1").endswith("forged addresses")


def test_the_text_answers_five_questions_in_order() -> None:
    """And ends with host and time in UTC."""
    lines = body(message(), "web1").splitlines()

    assert [line.partition(":")[0] for line in lines[:5]] == [
        "What is happening",
        "To whom",
        "Do users get in",
        "What we did",
        "What you should do now",
    ]
    assert lines[-1] == "Host web1, 2023-11-14 22:15:25 UTC; since 2023-11-14 22:13:20 UTC."


def test_what_lasts_says_how_to_acknowledge_it() -> None:
    """In words that a shell takes as they are."""
    assert "floodwall alerts ack 'incident:*:443 nginx'" in body(message(Event.LASTS), "web1")
    assert "alerts ack" not in body(message(), "web1")


def test_an_end_asks_for_nothing() -> None:
    """It says what it was."""
    text = body(message(Event.ENDED), "web1")

    assert "It is over. It was: A SYN flood" in text
    assert "What you should do now: Nothing." in text


def test_a_digest_lists_what_was_held_back() -> None:
    """One line each."""
    digest = replace(message(Event.DIGEST), trouble=None, lines=("one", "two"))

    assert headline(digest, "web1") == "[floodwall web1] what was held back: one"
    assert body(digest, "web1").splitlines()[1:3] == ["one", "two"]


def test_programs_get_the_same() -> None:
    """Under names that stay."""
    told = as_json(message(), "web1")

    assert told["event"] == "started"
    assert told["urgency"] == "warning"
    assert told["users"].startswith("Yes")
    assert as_json(trial_message(START_S), "web1")["event"] == "test"
