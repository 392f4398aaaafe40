"""What keys ask for."""

import pytest

from floodwall.console.top.orders import Order, outcome, questions, request
from floodwall.core.errors import ConfigError


def test_a_ban_names_what_it_does() -> None:
    """To whom, for how long, and to how many."""
    asked = request(Order.BAN, ["203.0.113.0/24", "1h30m", " brute force "])

    assert (asked.verb, asked.word) == ("ban", "y")
    assert asked.arguments == {
        "networks": ["203.0.113.0/24"],
        "for_s": 5400.0,
        "reason": "brute force",
    }
    assert asked.sure == (
        "Ban 203.0.113.0/24 (256 addresses) for 1h 30m: every packet from it is dropped."
    )


def test_an_allowance_may_have_no_end() -> None:
    """As the command line has it."""
    asked = request(Order.ALLOW, ["2001:db8::1", "forever", ""])

    assert asked.arguments["for_s"] is None
    assert asked.sure == "Never ban 2001:db8::1/128 until taken back."


def test_arming_and_calming_name_a_service() -> None:
    """The selected one stands there first."""
    assert [question.first for question in questions(Order.ARM, "*:443")] == ["*:443", "10m"]
    assert request(Order.ARM, ["*:443", "10m"]).arguments == {"service": "*:443", "for_s": 600.0}
    assert [question.first for question in questions(Order.CALM, "*:443")] == ["*:443"]
    assert request(Order.CALM, [" 443 "]).arguments == {"service": "443"}


def test_the_end_of_the_defence_needs_more_than_a_letter() -> None:
    """A slip of the finger must not do it."""
    assert questions(Order.OFF, "*:443") == ()
    assert request(Order.OFF, []).word == "off"


@pytest.mark.parametrize(
    ("order", "answers"),
    [
        (Order.BAN, ["nonsense", "10m", ""]),
        (Order.BAN, ["", "10m", ""]),
        (Order.BAN, ["203.0.113.9", "soon", ""]),
        (Order.ALLOW, ["203.0.113.9/8", "10m", ""]),
        (Order.ARM, ["", "10m"]),
        (Order.ARM, ["443", ""]),
        (Order.CALM, ["  "]),
    ],
)
def test_nonsense_is_refused_before_anybody_is_asked(order: Order, answers: list[str]) -> None:
    """With the reason."""
    with pytest.raises(ConfigError):
        request(order, answers)


def test_what_became_of_it_is_told() -> None:
    """A refusal by the daemon is no success."""
    ban = request(Order.BAN, ["203.0.113.9", "10m", ""])

    assert outcome(ban, {"refused": {}}) == ("banned 203.0.113.9/32", False)
    assert outcome(ban, {"refused": {"203.0.113.9/32": "not banned: gateway"}}) == (
        "203.0.113.9/32: not banned: gateway",
        True,
    )
    armed = outcome(request(Order.ARM, ["443", "10m"]), {"names": ["*:443 nginx"]})
    assert armed == ("armed *:443 nginx", False)
    assert outcome(request(Order.OFF, []), {})[0].startswith("the daemon ends")
