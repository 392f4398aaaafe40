"""The step of `decide` that names what is going on."""

from dataclasses import replace

from floodwall.core.classify.classifier import classify
from floodwall.core.observation import Observation
from floodwall.core.state import State
from floodwall.core.upkeep import Step


def judge(state: State, seen: Observation) -> Step:
    """Put a name to what each service, and the machine as a whole, go through."""
    classifier, verdicts = classify(state.classifier, seen, state.table.services, state.limits)
    return replace(
        state,
        classifier=classifier,
        verdicts={verdict.service: verdict for verdict in verdicts},
    ), []
