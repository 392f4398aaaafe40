"""What holds at present."""

from ipaddress import ip_network

from floodwall.core.decision import Act
from floodwall.core.verdict import Kind
from floodwall.store.bans import ban_of
from floodwall.store.holding import MACHINE, RESUME_NS, HeldBans, OpenIncidents, name_of
from floodwall.store.incidents import opened
from tests.support.records import BEGAN_NS, decision, moment, network, service, verdict

WEB = "*:80"
MADE = decision(Act.OPEN_INCIDENT, service=0)


def held(*until_s: float) -> HeldBans:
    """Hold one ban for each end, in seconds after the beginning."""
    made = HeldBans()
    for number, seconds in enumerate(until_s):
        until_ns = moment(seconds).ns if seconds else 0
        made.put(ban_of(f"k{number}", moment(), network(number), until_ns, decision(Act.BAN)))
    return made


def test_bans_expire_when_their_time_has_come() -> None:
    """One statement for however many, and none while nothing is due."""
    bans = held(5, 9, 0, 5)

    assert bans.expire(moment(4)) == []
    assert len(bans.expire(moment(5))) == 1
    assert set(bans.by_network) == {network(1), network(2)}
    assert bans.expire(moment(6)) == []
    assert len(bans.expire(moment(1000))) == 1
    assert set(bans.by_network) == {network(2)}


def test_a_ban_that_was_made_longer_does_not_expire_early() -> None:
    """The end of the one before is forgotten with it."""
    bans = held(5)
    bans.put(ban_of("new", moment(), network(0), moment(50).ns, decision(Act.BAN)))
    bans.expire(moment(6))

    assert [ban.key for ban in bans.by_network.values()] == ["new"]


def test_who_is_not_banned_needs_no_end() -> None:
    """Nothing is written for nothing."""
    bans = held(5)

    assert bans.end(moment(1), ip_network("192.0.2.1/32"), "lifted") == []
    assert len(bans.end(moment(1), network(0), "lifted")) == 1


def test_one_incident_is_open_at_a_service() -> None:
    """A second decision to open one goes on with the first."""
    going_on = OpenIncidents()
    first, is_new = going_on.open("a", moment(), MADE, WEB, "spoofed_flood")
    again, is_newer = going_on.open("b", moment(9), MADE, WEB, "spoofed_flood")

    assert (is_new, is_newer) == (True, False)
    assert again is first


def adrift() -> OpenIncidents:
    """Return what a daemon finds that was killed during an incident."""
    going_on = OpenIncidents()
    going_on.adrift[WEB] = opened("old", moment(-60), MADE, WEB, "spoofed_flood")
    return going_on


def test_an_incident_goes_on_after_a_restart() -> None:
    """By name: the service may have another index now."""
    going_on = adrift()
    going_on.follow({3: verdict(Kind.MIXED_FLOOD, 3)}, {3: service(3)})

    assert going_on.going_on[3].key == "old"
    assert going_on.going_on[3].kind == "mixed_flood"
    assert going_on.adrift == {}
    assert going_on.open("new", moment(1), decision(Act.OPEN_INCIDENT, service=3), WEB, "x") == (
        going_on.going_on[3],
        False,
    )


def test_calm_resumes_nothing() -> None:
    """Nor does the attack on another service."""
    going_on = adrift()
    going_on.follow(
        {0: verdict(Kind.CALM), 1: verdict(Kind.MIXED_FLOOD, 1)}, {0: service(), 1: service(1, 443)}
    )

    assert going_on.going_on == {}
    assert list(going_on.adrift) == [WEB]


def test_an_incident_that_was_over_is_closed() -> None:
    """A while after the daemon came back: its service is gone, and nobody else will close it."""
    going_on = adrift()
    early = BEGAN_NS + RESUME_NS - 1

    assert going_on.abandon_old(moment((early - BEGAN_NS) / 1e9), BEGAN_NS) == []
    assert len(going_on.abandon_old(moment(RESUME_NS / 1e9), BEGAN_NS)) == 2
    assert list(going_on.everything()) == []


def test_it_can_be_closed_before_it_was_seen_again() -> None:
    """The core remembered it, and found it to be over."""
    going_on = adrift()

    assert len(going_on.close(0, WEB, moment(5), "is over")) == 2
    assert going_on.close(0, WEB, moment(6), "is over") == []


def test_everything_has_a_name() -> None:
    """A service that is gone has none any more."""
    assert name_of(None, {}) == MACHINE
    assert name_of(0, {0: service()}) == WEB
    assert name_of(7, {}) == ""
