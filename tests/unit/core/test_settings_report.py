"""Settings of reports."""

import pytest
from pydantic import ValidationError

from floodwall.core.settings_reference import as_text
from floodwall.core.settings_report import ReportPolicy


def test_who_sets_nothing_complains_about_nobody() -> None:
    """A complaint without a complainant is none."""
    assert not ReportPolicy().complete
    assert not ReportPolicy(organisation="Example").complete


def test_the_domain_is_that_of_the_contact() -> None:
    """One fact is said once."""
    policy = ReportPolicy(organisation="Example", contact="abuse@noc.example.com")

    assert policy.complete
    assert policy.domain == "noc.example.com"


@pytest.mark.parametrize(
    "contact",
    [
        "abuse",
        "abuse@",
        "@example.com",
        "abuse@localhost",
        "a b@example.com",
        "abuse@example.com\nBcc: x@example.com",
        "abuse@-example.com",
        "abuse@example..com",
        "<abuse@example.com>",
        "abuse@" + "a" * 64 + ".com",
    ],
)
def test_a_contact_is_a_mail_address(contact: str) -> None:
    """It becomes the head of a letter: nothing else may hide in it."""
    with pytest.raises(ValidationError, match="must be an e-mail address"):
        ReportPolicy(contact=contact)


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31mred", "   ", "a" * 201])
def test_an_organisation_is_one_line(name: str) -> None:
    """For the same reason."""
    with pytest.raises(ValidationError):
        ReportPolicy(organisation=name)


def test_an_address_is_an_address() -> None:
    """Not a network; and the reference says what it takes."""
    names = ["192.0.2.1", "2001:db8::1"]
    policy = ReportPolicy.model_validate({"addresses": names})

    assert list(map(str, policy.addresses)) == names
    with pytest.raises(ValidationError):
        ReportPolicy.model_validate({"addresses": ["192.0.2.0/24"]})
    assert "takes: list of addresses" in as_text()
