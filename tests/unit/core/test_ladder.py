"""The ladder: what is not in the tables cannot happen."""

from itertools import product

import pytest

from floodwall.core.decision import Act, Rung
from floodwall.core.ladder import LADDER, RULES, NotOnTheLadder, allows, conclude, page
from floodwall.core.settings import ServiceMode, Settings
from tests.support.tree import text

BANNING = [name for name, rule in RULES.items() if Act.BAN in rule.acts and name != "operator"]


def test_every_rung_has_its_step() -> None:
    """In order, each with entry, exit, hold and cost."""
    assert list(LADDER) == list(Rung)
    for step in LADDER.values():
        assert all((step.modes, step.entry, step.exit, step.hold, step.cost))


def test_every_rule_says_when_and_what_undoes_it() -> None:
    """No way to a decision without a way back."""
    for rule in RULES.values():
        assert rule.when
        assert rule.undone_by
        assert rule.acts


@pytest.mark.parametrize("mode", ServiceMode)
def test_only_strict_services_ban(mode: ServiceMode) -> None:
    """The default never drops a client that can answer."""
    assert {allows(name, mode) for name in BANNING} == {mode is ServiceMode.STRICT}
    assert allows("operator", mode)


def test_an_observed_service_is_only_observed() -> None:
    """Nothing but an incident can be concluded about it, except by an operator."""
    allowed = {name for name in RULES if allows(name, ServiceMode.OBSERVE)}

    assert allowed == {"incident", "operator"}


def test_what_is_not_in_the_tables_cannot_be_concluded() -> None:
    """Each rule, act and mode: either the tables allow it, or it is an error of ours."""
    for name, act, mode in product([*RULES, "unheard-of"], Act, [*ServiceMode, None]):
        rule = RULES.get(name)
        if rule is not None and act in rule.acts and allows(name, mode):
            decision = conclude(name, act, 5, "x", "why", mode=mode)
            assert (decision.act, decision.rule, decision.undone_by) == (act, name, rule.undone_by)
        else:
            with pytest.raises(NotOnTheLadder):
                conclude(name, act, 5, "x", "why", mode=mode)


def test_a_rung_that_is_not_built_is_never_reached() -> None:
    """Signature and upstream have their place, and say why nobody gets there."""
    seams = [rung for rung, step in LADDER.items() if step.missing]

    assert seams == [Rung.SIGNATURE, Rung.UPSTREAM]
    assert not [name for name, rule in RULES.items() if rule.rung in seams]


def test_every_recipe_warns() -> None:
    """Who turns one on has read what it does."""
    recipes = [rule for name, rule in RULES.items() if name.startswith("recipes.")]

    assert len(recipes) == 4
    assert all(rule.warning for rule in recipes)


def test_rules_are_named_after_their_settings() -> None:
    """`why` names the rule, and that is the key to change."""
    settings = Settings()
    for name in RULES:
        section, dot, key = name.partition(".")
        if dot and section != "arming":
            assert hasattr(getattr(settings, section), key), name


def test_the_page_is_the_table() -> None:
    """docs/ladder.md shows both tables as the code has them."""
    shown = text("docs/ladder.md").splitlines()
    tables = "\n".join(page()).split("\n\n")

    assert len(tables) == 2
    for table in tables:
        first, *_, last = lines = table.splitlines()
        assert shown[shown.index(first) : shown.index(last) + 1] == lines
