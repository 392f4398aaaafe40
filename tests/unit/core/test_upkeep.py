"""Keeping the data plane in agreement with the machine."""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_network

import pytest

from floodwall.core import upkeep
from floodwall.core.address import Network
from floodwall.core.commands import (
    ClearService,
    EnableSyncookies,
    Limits,
    MachineLimits,
    Record,
    RenewLease,
    RotateKey,
    SetAddresses,
    SetLimits,
    SetMachineLimits,
    SetNeverBan,
    SetServices,
)
from floodwall.core.model import SECOND_NS, Guard, Mechanism, Protected, StackLimits, Translation
from floodwall.core.never_ban import never_ban_set
from floodwall.core.observation import SensorFailure
from floodwall.core.plan import make_plan
from floodwall.core.settings import Daemon, OnDeath, Protect, ServiceMode, Services, Settings
from floodwall.core.settings_response import RateAct, Recipes
from floodwall.core.upkeep import SLICES
from floodwall.kernel import _abi
from tests.support.playbook import HOME, HOME6, START_NS, Playbook, endpoint, listener, quiet

GATEWAY = Protected(ip_network("192.0.2.1/32"), Guard.GATEWAY)
PEER = Protected(ip_network("198.51.100.7/32"), Guard.SSH_PEER)
WEB = Limits(
    mode=ServiceMode.PROTECT,
    mechanism=Mechanism.HANDOVER,
    high=64,
    low=16,
    hold_ns=5 * SECOND_NS,
    window=64240,
)
MACHINE = MachineLimits(
    sack=True,
    window_scaling=True,
    timestamps=True,
    ecn=True,
    debt_source_max=16,
    debt_port_max=4,
    debt_prefix_max=256,
    debt_halving_ns=60 * SECOND_NS,
    slice_ns=63 * SECOND_NS // 8,
    closed_port_rate=1000,
    authenticated_rate=100,
    known_rate=1000,
    rate_source_max=0,
    rate_port_max=0,
    mss_ipv4=1460,
    mss_ipv6=1440,
)


def test_slices_are_the_data_planes() -> None:
    """The window is cut into as many slices as the kernel counts."""
    assert SLICES == _abi.SLICES


def test_the_first_second_writes_everything() -> None:
    """Who must not be dropped comes first, services come last."""
    book = Playbook()

    (
        book
        >> quiet(targets=(listener(),), protected=frozenset({GATEWAY}))
        << [
            SetNeverBan({GATEWAY.network: Guard.GATEWAY}),
            SetAddresses(frozenset({HOME, HOME6})),
            SetMachineLimits(MACHINE),
            RotateKey(window_scale=7),
            ClearService(0),
            SetLimits(0, WEB),
            SetServices({endpoint("192.0.2.10", 80): 0}),
            Record("protects *:80"),
        ]
    )


def test_a_quiet_second_writes_nothing() -> None:
    """Only the lease is renewed."""
    book = Playbook() >> quiet(targets=(listener(),))

    book >> quiet(1, targets=(listener(),)) << []

    assert book.commands == (RenewLease(START_NS + 601 * SECOND_NS),)


def test_the_lease_is_short_if_death_opens() -> None:
    """On_death = open gives up after five seconds."""
    book = Playbook(Settings(daemon=Daemon(on_death=OnDeath.OPEN))) >> quiet()

    assert book.only(RenewLease) == [RenewLease(START_NS + 5 * SECOND_NS)]


def test_keys_rotate_every_minute() -> None:
    """And not before."""
    book = Playbook() >> quiet()

    book >> quiet(59.9) << []
    book >> quiet(60) << [RotateKey(7)]
    book >> quiet(61) << []


def test_cookies_are_turned_on() -> None:
    """The stack accepts no handover while tcp_syncookies is 0; 2 is left alone."""
    book = Playbook() >> quiet(stack=StackLimits(tcp_syncookies=0))

    assert book.only(EnableSyncookies) == [EnableSyncookies()]
    assert (book >> quiet(1, stack=StackLimits(tcp_syncookies=2))).only(EnableSyncookies) == []


def test_a_listener_lingers() -> None:
    """A server that restarts within ten seconds keeps its service and its counters."""
    book = Playbook() >> quiet(targets=(listener(),))

    book >> quiet(1) << []
    book >> quiet(9, targets=(listener(),)) << []
    book >> quiet(18.9) << []
    (
        book
        >> quiet(19)
        << [
            SetServices({}),
            Record("no longer protects *:80: its listener is gone"),
        ]
    )


def test_why_a_listener_is_left_is_told() -> None:
    """It may be there as before, and nobody can reach it any more."""
    book = Playbook() >> quiet(targets=(listener(),))
    book >> quiet(1, targets=(listener(),), addresses=frozenset())

    assert book.only(Record) == [Record("no longer protects *:80: no local IPv4 address")]


def test_a_changed_backlog_changes_the_marks() -> None:
    """The newer of two listeners alike replaces the older at once."""
    book = Playbook() >> quiet(targets=(listener(backlog=128),))
    book >> quiet(1, targets=(listener(backlog=64),))
    (command,) = book.only(SetLimits)

    assert (command.limits.high, command.limits.low) == (32, 8)


def test_ssh_peers_linger_and_gateways_do_not() -> None:
    """An administrator can log in again; an old gateway is nobody."""
    book = Playbook() >> quiet(protected=frozenset({GATEWAY, PEER}))

    book >> quiet(1) << [SetNeverBan({PEER.network: Guard.SSH_PEER})]
    book >> quiet(59) << []
    assert (book >> quiet(600)).only(SetNeverBan) == [SetNeverBan({})]


def test_the_operators_list_is_never_banned() -> None:
    """It comes from the settings and follows them on reload."""
    book = Playbook() >> quiet()
    book.reload(Settings(protect=Protect(never_ban=(GATEWAY.network,))))

    book >> quiet(1) << [SetNeverBan({GATEWAY.network: Guard.OPERATOR})]


def test_the_never_ban_set_is_made_only_when_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands are sorted once; one that is another, or a word forgotten, is not missed."""
    made: list[int] = []

    def counted(protected: Iterable[Protected]) -> dict[Network, Guard]:
        found = never_ban_set(protected)
        made.append(len(found))
        return found

    monkeypatch.setattr(upkeep, "never_ban_set", counted)
    many = tuple(ip_network((0x0A000000 + number, 32)) for number in range(3000))
    book = Playbook(Settings(protect=Protect(never_ban=many)))
    for now_s in range(3):
        # Sensed anew each second: equal, but never the same objects.
        book >> quiet(now_s, protected=frozenset({replace(GATEWAY)}))
    assert made == [3001]
    other = Protected(ip_network("192.0.2.2/32"), Guard.GATEWAY)
    (command,) = (book >> quiet(3, protected=frozenset({other}))).only(SetNeverBan)
    assert (other.network in command.networks, GATEWAY.network in command.networks) == (True, False)
    book.state = replace(book.state, never_ban=None)

    assert len((book >> quiet(4, protected=frozenset({other}))).only(SetNeverBan)) == 1
    assert made == [3001, 3001, 3001]


def test_behind_nat_nothing_is_handed_over() -> None:
    """The kernel forgets there to whom; it is told once, and taken back when the rules go."""
    web = (listener(),)
    book = Playbook() >> quiet(targets=web, nat=True)
    told = [each.text for each in book.only(Record) if "NAT" in each.text]
    behind = book.state.table.services[0].mechanism
    why = make_plan(book.state, ()).services[0].why
    book >> quiet(1, targets=web, nat=None) >> quiet(2, targets=web, nat=False)

    assert len(told) == 1
    assert (behind, why) == (Mechanism.STACK, "NAT rules are here")
    assert book.state.table.services[0].mechanism is Mechanism.HANDOVER
    assert [each.text for each in book.only(Record)] == [
        "there are no NAT rules any more: cookies are our own again"
    ]


def test_no_budget_cuts_off_translated_ports() -> None:
    """A port without listener may be a container's; then nothing limits it."""
    book = Playbook() >> quiet()
    book >> quiet(1, translations=(Translation(8080, 8080),))
    (command,) = book.only(SetMachineLimits)

    assert command.limits.closed_port_rate == 0


@pytest.mark.parametrize(
    ("act", "waived", "drops"),
    [
        (RateAct.CHALLENGE, True, False),
        (RateAct.DROP, False, False),
        (RateAct.DROP, True, True),
        (RateAct.BAN, True, False),
    ],
)
def test_hard_rates_are_the_data_planes(act: RateAct, *, waived: bool, drops: bool) -> None:
    """They drop only for who said that sources can be forged; else they challenge."""
    recipes = Recipes(
        address_rate=50, port_rate=10, rate_act=act, i_know_sources_can_be_forged=waived
    )
    strict = Services(strict_ports=(80,))
    book = Playbook(Settings(services=strict, recipes=recipes))
    book >> quiet(targets=(listener(), listener(port=81)))
    (machine,) = book.only(SetMachineLimits)
    limits = {command.index: command.limits for command in book.only(SetLimits)}

    assert (machine.limits.rate_source_max, machine.limits.rate_port_max) == (50, 10)
    assert [limits[index].rate_drop for index in (0, 1)] == [drops, False]


def test_observing_drops_nothing() -> None:
    """Nor does a machine that only observes limit closed ports."""
    book = Playbook(Settings(services=Services(mode=ServiceMode.OBSERVE))) >> quiet()
    (command,) = book.only(SetMachineLimits)

    assert command.limits.closed_port_rate == 0


def test_small_links_announce_small_segments() -> None:
    """The MSS is what fits the smallest MTU, but never below what every host takes."""
    book = Playbook() >> quiet(mtu=1400)
    (command,) = book.only(SetMachineLimits)
    assert (command.limits.mss_ipv4, command.limits.mss_ipv6) == (1360, 1340)

    (command,) = (book >> quiet(1, mtu=300)).only(SetMachineLimits)
    assert (command.limits.mss_ipv4, command.limits.mss_ipv6) == (536, 1220)


def test_a_blind_second_changes_nothing() -> None:
    """What cannot be seen stays as it was, and the blindness is told once."""
    blind = {"targets": None, "addresses": None, "protected": None, "translations": None}
    failure = SensorFailure("listeners", "netlink: No buffer space available")
    book = Playbook() >> quiet(targets=(listener(),), protected=frozenset({GATEWAY}))

    (
        book
        >> quiet(30, **blind, stack=None, failures=(failure,))
        << [Record(f"cannot see listeners: {failure.why}; going on with what was known")]
    )
    book >> quiet(31, **blind, stack=None, failures=(failure,)) << []
    (
        book
        >> quiet(32, targets=(listener(),), protected=frozenset({GATEWAY}))
        << [Record("sees listeners again")]
    )
