"""The decision of one second: state and observation in, state and commands out.

Law: nothing here reads a clock, draws a random number or touches the system.
"""

from collections.abc import Callable

from floodwall.core.abuse import ban_abusers
from floodwall.core.ack_guard import guard_acks
from floodwall.core.bans import agree_on_bans, lift_bans
from floodwall.core.commands import Command
from floodwall.core.eviction import close_connections, empty_queues
from floodwall.core.incidents import follow_incidents
from floodwall.core.judgement import judge
from floodwall.core.observation import Observation
from floodwall.core.pulses import keep_pulsing_armed
from floodwall.core.recipes import run_recipes
from floodwall.core.rehearsal import rehearse_bans
from floodwall.core.relief import relieve_queues, tell_arming
from floodwall.core.state import State
from floodwall.core.tuning import note_cookies, tune
from floodwall.core.upkeep import (
    Step,
    enable_cookies,
    learn,
    renew_lease,
    rotate_key,
    set_addresses,
    set_machine_limits,
    set_never_ban,
    set_services,
    tell_failures,
)

STEPS: tuple[Callable[[State, Observation], Step], ...] = (
    learn,
    tell_failures,
    enable_cookies,
    # Who must not be dropped is known to the data plane before anything that can drop.
    set_never_ban,
    set_addresses,
    set_machine_limits,
    rotate_key,
    set_services,
    relieve_queues,
    keep_pulsing_armed,
    tell_arming,
    judge,
    guard_acks,
    follow_incidents,
    agree_on_bans,
    # Who may go is let go before somebody else is banned.
    lift_bans,
    ban_abusers,
    run_recipes,
    rehearse_bans,
    empty_queues,
    close_connections,
    note_cookies,
    tune,
    # Last: what went before is in force by the time the data plane may act.
    renew_lease,
)
"""What is done in a second, in this order."""


def decide(state: State, seen: Observation) -> tuple[State, tuple[Command, ...]]:
    """Return what is to be remembered and what is to be done."""
    commands: list[Command] = []
    for step in STEPS:
        state, wanted = step(state, seen)
        commands += wanted
    return state, tuple(commands)
