"""What a service is going through, and the rung on which that is answered."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

from floodwall.core.commands import Ban
from floodwall.core.decision import Act, Decision, Rung
from floodwall.core.standing import rung_of, verdict_text
from floodwall.core.verdict import Kind, Verdict
from tests.support.playbook import START_NS, Playbook, listener, quiet

NETWORK = ip_network("198.51.100.7/32")


def test_a_service_climbs_with_what_is_done_for_it() -> None:
    """Calm, armed, with somebody banned on its account."""
    state = (Playbook() >> quiet(targets=(listener(), listener(port=81)))).state
    web, other = state.table.services
    armed = replace(state, armed={web.index: START_NS})
    ban = Ban(NETWORK, 0, Decision(START_NS, Act.BAN, "limits.idle", "", "", service=web.index))
    banned = replace(armed, response=replace(armed.response, bans={NETWORK: ban}))

    assert [rung_of(each, web) for each in (state, armed, banned)] == [
        Rung.OBSERVE, Rung.CHALLENGE, Rung.BAN,
    ]  # fmt: skip
    assert rung_of(banned, other) is Rung.OBSERVE


def test_a_verdict_is_told_in_words() -> None:
    """With how sure it is; without a verdict nothing is said."""
    verdict = Verdict(0, Kind.SPOOFED_FLOOD, 0.994, START_NS)

    assert verdict_text(verdict) == "spoofed flood (99% sure)"
    assert verdict_text(None) == ""
