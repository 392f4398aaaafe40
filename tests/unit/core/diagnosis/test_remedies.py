"""What is proposed is right to the letter."""

from floodwall.core.diagnosis.remedies import (
    capture,
    conntrack_room,
    cookies_on,
    fewer_retries,
    guard,
    longer_syn_backlog,
    look,
    spread_receiving,
    untrack,
)
from floodwall.core.model import StackLimits


def test_a_sysctl_goes_back_to_what_it_was() -> None:
    """The undo is exact, and what is safe carries its setting."""
    on = cookies_on(0)

    assert on.undo == "sysctl -w net.ipv4.tcp_syncookies=0"
    assert on.setting is not None
    assert (on.setting.name, on.setting.value) == ("net.ipv4.tcp_syncookies", "1")


def test_what_costs_users_something_is_never_safe() -> None:
    """Fewer retries, rules of a firewall, bans, other CPUs: the operator's to decide."""
    fewer = fewer_retries(StackLimits())
    assert fewer is not None
    assert "7s instead of 1m 3s" in fewer.why
    for remedy in (fewer, untrack(80), guard(guarded=False), spread_receiving("eth0", 2)):
        assert remedy.setting is None


def test_nothing_is_proposed_that_is_so_already() -> None:
    """Values for the better only."""
    assert fewer_retries(StackLimits(tcp_synack_retries=2)) is None
    off = StackLimits(tcp_syncookies=0, tcp_max_syn_backlog=512)
    wider = longer_syn_backlog(off, 511)
    assert wider is not None
    assert wider.command == "sysctl -w net.ipv4.tcp_max_syn_backlog=1024"
    assert longer_syn_backlog(off, 384) is None
    assert longer_syn_backlog(StackLimits(tcp_max_syn_backlog=512), 511) is None


def test_the_price_of_memory_is_counted() -> None:
    """320 bytes for each further entry."""
    assert "up to 80 MiB" in conntrack_room(262_144).cost
    assert conntrack_room(262_144).command.endswith("=524288")


def test_a_name_cannot_smuggle_a_command() -> None:
    """The kernel lets an interface be called nearly anything."""
    evil = "e0;reboot"

    assert "-ni 'e0;reboot' " in capture(evil).command
    assert spread_receiving(evil, 2).command.endswith(
        "'/sys/class/net/e0;reboot/queues/rx-0/rps_cpus'"
    )


def test_commands_name_what_they_are_about() -> None:
    """Port, interface, and a mask of as many CPUs."""
    assert "tcp dport 443 notrack" in untrack(443).command
    assert capture("ens3").command.startswith("tcpdump -ni ens3 ")
    assert spread_receiving("eth0", 4).command.startswith("echo f > /sys/class/net/eth0/")
    assert guard(guarded=False).undo == "floodwall off"
    assert look("ss -s", "why").cost == "nothing"
