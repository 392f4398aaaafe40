"""Symptoms in, verdict and commands out: the doctor's playbook."""

import pytest

from floodwall.core.diagnosis.ailment import Ailment, Severity
from floodwall.core.diagnosis.diagnose import diagnose
from floodwall.core.diagnosis.symptoms import Hint, Symptoms
from floodwall.core.signs import Conntrack
from tests.support.playbook import endpoint
from tests.support.symptoms import (
    REFUSED,
    SILENT,
    flooded,
    link,
    machine,
    moved,
    peer,
    web,
)

COOKIES = moved(TcpExtSyncookiesSent=20_000, TcpExtSyncookiesRecv=30)
SSH = endpoint("0.0.0.0", 22)

PLAYBOOK = {
    "SYN flood, cookies off": (
        machine(flooded(canary=SILENT), cookies=0, moved=moved(TcpExtListenDrops=9000)),
        (Ailment.SYN_FLOOD, Severity.CRITICAL),
        ("*:80 nginx is SYN flooded, its queue is full and cookies are off: "
        "new clients cannot connect, 95% sure"),
        ["sysctl -w net.ipv4.tcp_syncookies=1", "floodwall run",
         "sysctl -w net.ipv4.tcp_synack_retries=2"],
    ),
    "SYN flood, cookies on": (
        machine(flooded(), moved=COOKIES),
        (Ailment.SYN_FLOOD, Severity.WARNING),
        ("*:80 nginx is SYN flooded, the kernel's cookies let clients in, "
        "without all their TCP options, 95% sure"),
        ["floodwall run", "sysctl -w net.ipv4.tcp_synack_retries=2"],
    ),
    "slow application": (
        machine(web(process="slow-app", backlog=5, capacity=5, waiting=6, waited=6, cpu_s=0.0,
                    silent=6, established=6, opened=0, canary=SILENT)),
        (Ailment.SLOW_APPLICATION, Severity.CRITICAL),
        ("*:80 slow-app accepts too slowly: its queue is full, which is no attack by itself, "
        "93% sure"),
        [("cat /proc/700/wchan /proc/700/stack; ls /proc/700/fd | wc -l; "
         "grep files /proc/700/limits"),
         "# raise its backlog of 5 to 511 in its call of listen(), and restart it"],
    ),
    "connection flood": (
        machine(web(established=900, silent=860, opened=20, remotes=20,
                    peers=(peer("198.51.100.7", 45, 45),))),
        (Ailment.CONNECTION_FLOOD, Severity.WARNING),
        "*:80 nginx is held by a flood of connections: new clients still get in, 87% sure",
        ["ss -tn state established '( sport = :80 )' | sort -k4 | head",
         "floodwall run", "floodwall ban 198.51.100.7 --for 10m --reason 'holds connections'"],
    ),
    "full conntrack": (
        machine(web(canary=SILENT), conntrack=Conntrack(262_144, 262_144, 9, 0, 500),
                lost_to_conntrack=509),
        (Ailment.CONNTRACK_FULL, Severity.CRITICAL),
        ("the table of connection tracking is full: new connections are dropped in front of "
        "every listener, 92% sure"),
        ["sysctl -w net.netfilter.nf_conntrack_max=524288", "nft 'table inet floodwall_untracked"],
    ),
    "saturated link": (
        machine(links=(link(received_bytes=245_000_000, receive_drops=80),)),
        (Ailment.LINK_SATURATED, Severity.CRITICAL),
        "the link eth0 is full: nothing on this host can help, ask the provider, 92% sure",
        ["tcpdump -ni eth0 -s 96 -c 20000 -w flood.pcap; floodwall analyze flood.pcap"],
    ),
    "scan": (
        machine(moved=moved(TcpOutRsts=800)),
        (Ailment.SYN_SCAN, Severity.WARNING),
        ("ports where nothing listens are tried: a scan, or a service that should run and does "
        "not, 60% sure"),
        ["tcpdump -ni any -c 200 'tcp[13] & 4 != 0'", "ss -ltn"],
    ),
    "the link is flat and the host answers": (
        machine(moved={"TcpPassiveOpens": 0}, links=(link(received_packets=6),)),
        (Ailment.NOTHING_ARRIVES, Severity.CRITICAL),
        "this host answers and hardly a packet arrives: the fault is in front of it, 60% sure",
        ["ip -br link; ip route; ip neigh; ping -c 3 GATEWAY", "# ask the provider"],
    ),
    "a listener that refuses": (
        machine(web(canary=REFUSED)),
        (Ailment.LISTENER_REFUSES, Severity.CRITICAL),
        ("*:80 nginx listens, yet refuses a local connection: a firewall rule of this machine, "
        "most likely, 80% sure"),
        ["nft list ruleset | grep -n -e 80 -e reject -e drop; iptables-save | grep -e 80"],
    ),
    "a listener that is silent": (
        machine(web(canary=SILENT)),
        (Ailment.LISTENER_SILENT, Severity.CRITICAL),
        ("*:80 nginx listens, yet does not answer a local connection: a firewall rule of this "
        "machine, most likely, 60% sure"),
        ["nft list ruleset | grep -n -e 80 -e reject -e drop; iptables-save | grep -e 80"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAYBOOK)
def test_what_is_seen_is_named_and_answered(name: str) -> None:
    """Ailment, severity, the one line, and what to type in which order."""
    seen, expected, verdict, typed = PLAYBOOK[name]
    diagnosis = diagnose(seen)

    assert [(one.ailment, one.severity) for one in diagnosis.findings] == [expected]
    assert diagnosis.verdict == verdict
    commands = [remedy.command for remedy in diagnosis.remedies]
    assert [given[: len(wanted)] for given, wanted in zip(commands, typed, strict=True)] == typed


@pytest.mark.parametrize("name", PLAYBOOK)
def test_every_command_has_its_price_and_its_way_back(name: str) -> None:
    """And every finding has its evidence."""
    diagnosis = diagnose(PLAYBOOK[name][0])

    assert all(one.why and one.cost and one.undo for one in diagnosis.remedies)
    assert all(one.evidence and 0.5 <= one.confidence < 1 for one in diagnosis.findings)


def test_a_machine_that_is_well_is_left_alone() -> None:
    """No finding, nothing to type."""
    diagnosis = diagnose(machine())

    assert (diagnosis.findings, diagnosis.remedies, diagnosis.notes) == ((), (), ())
    assert diagnosis.verdict == (
        "nothing found: 1 of 1 listeners were tried and answer, no queue fills"
    )


def test_several_services_at_once_are_told_in_one_line() -> None:
    """With their names; each has its own finding, and the commands come once."""
    ssh = flooded(bound=SSH, process="sshd", half_open=128, stale=120, capacity=128, backlog=128)
    diagnosis = diagnose(machine(flooded(), ssh, moved=COOKIES))

    assert diagnosis.verdict == (
        "2 services at once are SYN flooded (*:80 nginx, *:22 sshd); the first: "
        "the kernel's cookies let clients in, without all their TCP options"
    )
    assert [remedy.command for remedy in diagnosis.remedies].count("floodwall run") == 1
    assert "these services share this machine: one attack takes them all" in diagnosis.notes


def test_the_cause_stands_before_what_follows_from_it() -> None:
    """A full link first, a flood before the scan, the critical before the rest."""
    diagnosis = diagnose(
        machine(
            flooded(),
            moved=COOKIES | {"TcpOutRsts": 900},
            links=(link(received_bytes=249_000_000),),
        )
    )

    assert [one.ailment for one in diagnosis.findings] == [
        Ailment.LINK_SATURATED,
        Ailment.SYN_FLOOD,
        Ailment.SYN_SCAN,
    ]
    assert diagnosis.verdict.endswith("(and 2 more)")


def test_nothing_seen_is_not_well() -> None:
    """Blind is said, not guessed."""
    diagnosis = diagnose(Symptoms(seconds=2.0, unseen=("everything",)))

    assert diagnosis.blind
    assert diagnosis.verdict == "nothing could be seen: neither sockets nor counters"


def test_counters_alone_say_that_they_are_alone() -> None:
    """Sockets may be hidden while counters are not."""
    hidden = Symptoms(seconds=2.0, moved={"TcpPassiveOpens": 3})

    assert diagnose(hidden).verdict == "nothing found in the counters; sockets could not be seen"
    assert "none of them tried" in diagnose(machine(web(canary=None))).verdict
    assert diagnose(Symptoms(2.0, services=())).verdict == "nothing found: nothing listens here"


def test_a_daemon_that_runs_is_pointed_to() -> None:
    """What it holds off does not reach the stack, and so it is asked."""
    calm = diagnose(machine(guarded=True))
    busy = diagnose(machine(guarded=True, held_off=("*:80 nginx is armed, spoofed flood",)))

    assert calm.findings == ()
    assert calm.notes == ("Floodwall runs here: `floodwall status` tells what it holds off",)
    assert busy.verdict == (
        "Floodwall holds an attack off here: *:80 nginx is armed, spoofed flood, 99% sure"
    )
    assert [remedy.command for remedy in busy.remedies] == ["floodwall status"]
    assert busy.notes == ()


def test_what_was_lately_is_a_note() -> None:
    """A fresh line of the kernel's log, each kind once; old ones are history."""
    hints = (Hint(200, "syn_flooding", 80), Hint(260, "syn_flooding", 80), Hint(9000, "oom"))
    diagnosis = diagnose(machine(hints=hints, cookies=0))

    assert diagnosis.findings == ()
    assert diagnosis.notes == (
        "the kernel's log spoke of possible SYN flooding on port 80 3m 20s ago",
        "net.ipv4.tcp_syncookies is 0: the next SYN flood locks everybody out",
    )
