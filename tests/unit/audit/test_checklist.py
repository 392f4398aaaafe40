"""Every check passes, fails and is blind where it should, and interactions are told in pairs."""

import pytest

from floodwall.audit.check import Check, Status
from floodwall.audit.checklist import CHECKS, TOPICS
from floodwall.audit.reader import OF_INTERFACES, WATCHED
from tests.support.audit import FAILING, PAIRS, PASSING, blind, both, machine

BY_ID = {check.id: check for check in CHECKS}
INTERACTIONS = [(check.id, one.other) for check in CHECKS for one in check.interactions]


def statuses(check: Check, facts: object) -> set[Status]:
    """Return what a check comes to, over all subjects."""
    return {outcome.status for outcome in check.run(facts)}  # type: ignore[arg-type] # of machine()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_machine_that_is_well_passes(check: Check) -> None:
    """On the machine without a finding, or one that has what the check is about."""
    facts = PASSING.get(check.id, both())(machine())
    assert statuses(check, facts) == {Status.PASS}, check.run(facts)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_one_wrong_setting_is_found(check: Check) -> None:
    """And each finding says what to do."""
    outcomes = check.run(FAILING[check.id](machine()))
    found = [outcome for outcome in outcomes if outcome.status is Status.FINDING]
    assert found, outcomes
    assert all(outcome.fix and outcome.text for outcome in found)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_what_cannot_be_read_is_never_judged(check: Check) -> None:
    """Neither passed nor failed, and with the reason."""
    outcomes = check.run(blind())
    assert {outcome.status for outcome in outcomes} == {Status.UNREADABLE}
    assert all("permission denied" in outcome.text for outcome in outcomes)


def test_every_check_has_its_cases() -> None:
    """None is declared and forgotten, no case is stale."""
    assert set(FAILING) == set(BY_ID)
    assert set(PASSING) <= set(BY_ID)
    assert len(BY_ID) == len(CHECKS) == sum(map(len, TOPICS.values()))


def test_every_interaction_has_its_pair() -> None:
    """What is declared is tested."""
    assert sorted(PAIRS) == sorted(INTERACTIONS)


@pytest.mark.parametrize(("check_id", "other"), INTERACTIONS)
def test_the_other_setting_alone_changes_the_answer(check_id: str, other: str) -> None:
    """The same value is right here and wrong there."""
    start, change = PAIRS[check_id, other]
    before = start(machine())
    assert Status.FINDING not in statuses(BY_ID[check_id], before)
    assert Status.FINDING in statuses(BY_ID[check_id], change(before))


def test_what_is_declared_to_be_read_is_read_and_nothing_else() -> None:
    """No sysctl is collected for nothing, none is judged unseen."""
    declared = {name for check in CHECKS for name in check.sysctls}
    interfaces = {name for name in declared if name.startswith("net.ipv4.conf.")}
    assert {name.rpartition(".")[2] for name in interfaces} == set(OF_INTERFACES)
    assert declared - interfaces == set(WATCHED)


def test_interactions_name_checks_or_rules() -> None:
    """So that the operator can look them up."""
    assert {other for _, other in INTERACTIONS} <= {*BY_ID, "rules"}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_declaration_is_whole(check: Check) -> None:
    """Title, expected value, reason, source, kernels and fix."""
    for words in (check.title, check.expected, check.why, check.source, check.kernels, check.fix):
        assert words.strip() == words
        assert words
    assert check.reads
