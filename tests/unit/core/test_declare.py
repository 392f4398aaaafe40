"""A setting is declared once, with everything that its reference and its checks need."""

import pytest
from pydantic import ValidationError

from floodwall.core.declare import Section, declare, ports


class Example(Section):
    """A table for this test."""

    limit: int = declare(8, "packets", "How many.", "eight is enough", ge=1, le=9)
    numbers: tuple[int, ...] = ports("Which ports.")


def test_unit_and_precedent_stay_with_the_declaration() -> None:
    """The reference is made from them."""
    field = Example.model_fields["limit"]
    assert field.description == "How many."
    assert field.json_schema_extra == {"unit": "packets", "precedent": "eight is enough"}


@pytest.mark.parametrize("wrong", [{"limit": 10}, {"limt": 8}, {"numbers": range(1025)}])
def test_what_was_not_declared_is_refused(wrong: dict[str, object]) -> None:
    """Out of range, misspelt, or too many."""
    with pytest.raises(ValidationError):
        Example.model_validate(wrong)


def test_a_section_cannot_be_changed() -> None:
    """Nobody changes a setting behind the daemon's back."""
    with pytest.raises(ValidationError):
        Example().limit = 3


@pytest.mark.parametrize("wrong", [-1, 0, 65536])
def test_what_is_called_ports_holds_ports(wrong: int) -> None:
    """By its name alone, in whatever table."""

    class Doors(Section):
        """A table for this test."""

        some_ports: tuple[int, ...] = ports("Which ports.")

    assert Doors(some_ports=(1, 65535)).some_ports == (1, 65535)
    with pytest.raises(ValidationError, match="is not a TCP port"):
        Doors(some_ports=(22, wrong))
