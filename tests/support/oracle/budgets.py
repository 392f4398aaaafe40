"""Budgets in packets a second."""

from __future__ import annotations

from floodwall.kernel._abi import Purse
from tests.support.oracle.world import SECOND_NS, World


def spend(world: World, purse: Purse, rate: int) -> bool:
    """Take one from the budget of this second; tell whether there was one."""
    budget = world.budgets[purse]
    second = world.now_ns // SECOND_NS
    if budget.second != second:
        budget.second, budget.spent = second, 0
    if budget.spent >= rate:
        return False
    budget.spent += 1
    return True
