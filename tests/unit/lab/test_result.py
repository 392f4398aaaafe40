"""What a run found."""

from dataclasses import replace

import pytest

from floodwall.lab.result import Check, Row
from tests.support import rehearsals


@pytest.mark.parametrize("row", Row)
def test_every_row_has_a_name_for_people(row: Row) -> None:
    """And knows whether it is ours."""
    assert row.label != row.value
    assert row.is_floodwall == ("Floodwall" in row.label)


def test_a_scenario_is_met_if_all_of_its_bar_is() -> None:
    """One miss is enough."""
    met = replace(rehearsals.result(), checks=(Check("a", "", "", met=True),))
    missed = replace(met, checks=(*met.checks, Check("b", "", "", met=False)))

    assert (met.met, missed.met) == (True, False)


def test_success_of_nobody_is_none() -> None:
    """Not all."""
    assert rehearsals.service(attempted=0, succeeded=0).success == 0.0
