"""Wishes have a direction and an arithmetic."""

from dataclasses import replace

import pytest

from floodwall.audit.facts import Facts, Release, Unread
from floodwall.audit.profile import SIZES, Aim, Profile, Wish, places, wishes
from tests.support.audit import CARD, SYNPROXY, blind, both, facts_with, machine, sysctl

SOMAXCONN = "net.core.somaxconn"


def wanted(
    facts: Facts, profile: Profile = Profile.WEB, load: int | None = None
) -> dict[str, Wish]:
    """Return the wishes by name."""
    return {wish.name: wish for wish in wishes(facts, profile, load)}


def test_what_is_stronger_meets_a_wish() -> None:
    """In its direction."""
    least, most = Wish("a", 4, Aim.AT_LEAST, ""), Wish("a", 4, Aim.AT_MOST, "")
    assert (least.met_by(5), least.met_by(3)) == (True, False)
    assert (most.met_by(5), most.met_by(3)) == (False, True)


@pytest.mark.parametrize(
    ("memory_mb", "load", "share", "length"),
    [
        (16000, 1000, 0.01, 4096),
        (16000, 100_000, 0.01, 65535),
        (64, 1000, 0.01, 1024),
        (64, 100, 0.002, 256),
        (1, 1000, 0.01, 128),
    ],
)
def test_a_queue_is_as_long_as_load_and_memory_say(
    memory_mb: int, load: int, share: float, length: int
) -> None:
    """And the sum is told."""
    found, text = places(memory_mb * 1_000_000, load, share)
    assert found == length
    assert f"{load} connections/s x 1 s until the first retry x 4 for bursts = {load * 4}" in text


def test_profiles_spend_differently() -> None:
    """A gateway for more connections, a small machine for fewer."""
    sizes = [wanted(machine(), profile)[SOMAXCONN].wanted for profile in Profile]
    assert sizes == [4096, 16384, 512]
    assert SIZES[Profile.CONSTRAINED].load == 100
    assert wanted(machine(), load=20_000)[SOMAXCONN].wanted == 65535


def test_loose_tracking_depends_on_the_rules() -> None:
    """And is not touched where nobody sees them."""
    name = "net.netfilter.nf_conntrack_tcp_loose"
    assert wanted(machine())[name].aim is Aim.AT_LEAST
    assert wanted(facts_with(rules=SYNPROXY)(machine()))[name].aim is Aim.AT_MOST
    assert name not in wanted(facts_with(rules=Unread("no root"))(machine()))


def test_reverse_path_is_set_card_by_card() -> None:
    """The larger value counts, so that loose for all would weaken what is strict."""
    name = "net.ipv4.conf.eth0.rp_filter"
    assert wanted(machine())[name].wanted == 1
    assert wanted(machine(), Profile.GATEWAY)[name].wanted == 2
    two = facts_with(cards=(CARD, replace(CARD, name="eth0.5")))(machine())
    assert wanted(two)["net.ipv4.conf.eth0/5.rp_filter"].wanted == 2
    everywhere = sysctl({"conf.all.rp_filter": "1"})(machine())
    assert name not in wanted(everywhere)


def test_entries_of_old_kernels_stay_longer() -> None:
    """Their sum is told."""
    old = both(facts_with(release=Release(2, 6)))(machine())
    why = wanted(old)["net.ipv4.tcp_synack_retries"].why
    assert why == "a forged request stays 45 s, and not 189 s as at 5 retries"


def test_nothing_is_sized_without_knowing_the_machine() -> None:
    """Only what needs no sum is wished for."""
    names = wanted(blind())
    assert SOMAXCONN not in names
    assert "net.ipv4.tcp_syncookies" in names
