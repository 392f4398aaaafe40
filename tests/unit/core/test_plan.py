"""The plan that is told before anything is trusted."""

import json

from floodwall.core.model import Guard, Protected
from floodwall.core.networks import as_network
from floodwall.core.plan import InterfacePlan, make_plan, plan_lines
from floodwall.core.settings import Services, Settings
from tests.support.playbook import HOME, Playbook, listener, quiet

ETH0 = InterfacePlan("eth0", 2, "XDP generic", ("native: the driver has none",))


def test_every_fact_is_told() -> None:
    """What, by which mechanism, on which rung and why; what not, and why not."""
    settings = Settings(services=Services(observe_ports=(53,), armed_ports=(443,)))
    book = Playbook(settings) >> quiet(
        targets=(
            listener(port=53),
            listener(port=80, process="nginx"),
            listener(port=443, mptcp=True),
            listener("127.0.0.1", 25, process="exim4"),
        ),
        protected=frozenset({Protected(as_network(HOME), Guard.OWN)}),
    )
    plan = make_plan(book.state, (ETH0,), ("pinned below /sys/fs/bpf",))

    assert list(plan_lines(plan)) == [
        "interface   eth0: XDP generic",
        "            not native: the driver has none",
        "protects    *:53        only observed, as the settings say",
        (
            "protects    *:80 nginx  own cookies, all TCP options kept; "
            "above 64 pending handshakes of 128"
        ),
        (
            "protects    *:443       cookies of the kernel (the listener speaks MPTCP); "
            "always, as the settings say"
        ),
        "leaves      127.0.0.1:25 exim4: listens on loopback only",
        "never bans  1 own address",
        "if it dies  goes on for 10m, then lets everything pass (hold)",
        "note        pinned below /sys/fs/bpf",
    ]
    assert json.loads(json.dumps(plan.as_json()))["services"][1]["mechanism"] == "handover"


def test_a_machine_without_listeners_is_told_so() -> None:
    """Nothing is protected is news, too."""
    book = Playbook() >> quiet(can_hand_over=False)
    lines = list(plan_lines(make_plan(book.state, ())))

    assert lines[:2] == [
        "protects    nothing yet: no listener can be reached through these interfaces",
        "never bans  nobody in particular",
    ]


def test_a_lower_mechanism_says_why() -> None:
    """Requests may not be handed over on this kernel."""
    book = Playbook() >> quiet(targets=(listener(),), can_hand_over=False)
    (service,) = make_plan(book.state, ()).services

    assert service.why == "requests cannot be handed over here"
