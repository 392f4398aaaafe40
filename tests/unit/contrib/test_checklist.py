"""The page of the audit is the declarations of its checks."""

from contrib.checklist import MARK, checklist
from floodwall.audit.checklist import CHECKS
from tests.support.tree import text


def test_the_page_is_what_the_checks_declare() -> None:
    """`python -m contrib.checklist` writes it."""
    _, mark, below = text("docs/audit.md").partition(MARK)
    assert mark
    assert below == checklist()


def test_every_check_is_on_the_page_once() -> None:
    """By its id, so that a finding can be looked up."""
    heads = [line[4:] for line in checklist().splitlines() if line.startswith("### ")]
    assert heads == [check.id for check in CHECKS]
