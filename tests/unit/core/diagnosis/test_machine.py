"""What is wrong with the machine as a whole, among the doctor's findings."""

from typing import Any

from floodwall.core.diagnosis.ailment import Ailment, Severity
from floodwall.core.diagnosis.machine import find_of_machine, find_silence
from floodwall.core.diagnosis.symptoms import MemorySigns, SoftnetSigns
from floodwall.core.signs import Conntrack, CpuLoad
from tests.support.symptoms import REFUSED, link, machine, moved, web


def test_a_machine_that_is_well_has_nothing() -> None:
    """Usual figures are no finding."""
    assert list(find_of_machine(machine())) == []
    assert find_silence(machine()) is None


def test_a_table_that_is_nearly_full_is_a_warning() -> None:
    """From nine tenths; with drops it is critical whatever its fill."""
    (nearly,) = find_of_machine(machine(conntrack=Conntrack(240_000, 262_144, 0, 0, 0)))
    (drops,) = find_of_machine(
        machine(conntrack=Conntrack(9, 262_144, 0, 0, 0), lost_to_conntrack=4)
    )

    assert nearly.severity is Severity.WARNING
    assert drops.severity is Severity.CRITICAL
    assert nearly.remedies[0].undo == "sysctl -w net.netfilter.nf_conntrack_max=262144"
    assert list(find_of_machine(machine(conntrack=None))) == []


def test_a_link_without_known_speed_is_not_judged() -> None:
    """Both ways are, where it is known."""
    fast = link(received_bytes=1 << 40, speed_bit_s=None)
    (sends,) = find_of_machine(machine(links=(fast, link(sent_bytes=240_000_000))))

    assert sends.evidence[0].text == "eth0 sends 96% of its 1,000 Mbit/s"
    assert (sends.severity, "full of what this machine sends" in sends.summary) == (
        Severity.WARNING,
        True,
    )
    assert list(find_of_machine(machine(links=None))) == []


def test_a_cpu_that_only_receives_is_named() -> None:
    """A warning until packets are lost for it."""
    (busy,) = find_of_machine(machine(cpu=CpuLoad(0.6, 0.5, 0.97)))
    (lossy,) = find_of_machine(machine(softnet=SoftnetSigns(dropped=70, squeezed=3)))

    assert (busy.ailment, busy.severity) == (Ailment.RECEIVE_OVERLOAD, Severity.WARNING)
    assert lossy.severity is Severity.CRITICAL
    assert busy.remedies[0].undo == "echo 0 > /sys/class/net/eth0/queues/rx-0/rps_cpus"
    assert busy.remedies[0].command.startswith("echo ff > ")
    (nowhere,) = find_of_machine(machine(cpu=CpuLoad(0.6, 0.5, 0.97), links=None))
    (single,) = find_of_machine(machine(cpu=CpuLoad(0.6, 0.5, 0.97), cpus=1))
    assert nowhere.remedies == single.remedies == ()
    assert list(find_of_machine(machine(softnet=SoftnetSigns(dropped=9, squeezed=3)))) == []


def test_sockets_that_run_out_of_room_are_named() -> None:
    """Pages of tcp_mem, and sockets without a process; no limit, no finding."""
    (pages,) = find_of_machine(machine(memory=MemorySigns(950, 1000, 3, 8192)))
    (orphans,) = find_of_machine(machine(memory=MemorySigns(5, 1000, 8000, 8192)))

    assert pages.evidence[0].name == "tcp_memory"
    assert orphans.evidence[0].name == "tcp_orphans"
    assert list(find_of_machine(machine(memory=MemorySigns(5, 1000, 8000, None)))) == []


def test_usual_resets_and_our_own_are_no_scan() -> None:
    """Eight times the usual; what we tried, and what applications abort, is taken off."""
    noisy = {"TcpOutRsts": 86_400 * 40}

    assert list(find_of_machine(machine(moved=moved(TcpOutRsts=400), totals=noisy))) == []
    assert list(find_of_machine(machine(moved=moved(TcpOutRsts=90), probes=50))) == []
    aborted = moved(TcpOutRsts=500, TcpEstabResets=480)
    assert list(find_of_machine(machine(moved=aborted))) == []
    (scan,) = find_of_machine(machine(moved=moved(TcpOutRsts=500)))
    assert scan.evidence[0].value == 250


def test_what_no_scanner_does_is_a_flood() -> None:
    """All ports of an address would be tried within the window."""
    (flood,) = find_of_machine(machine(moved=moved(TcpOutRsts=200_000)))

    assert flood.ailment is Ailment.ACK_FLOOD
    assert flood.remedies[0].command == "floodwall run"


def test_a_full_link_points_to_the_report_where_an_incident_is_on_record() -> None:
    """Without a daemon of ours there is a capture, and nothing else to send."""
    full = (link(received_bytes=240_000_000),)
    (alone,) = find_of_machine(machine(links=full))
    (guarded,) = find_of_machine(machine(links=full, guarded=True))
    assert [one.command.partition(" ")[0] for one in alone.remedies] == ["tcpdump"]
    assert guarded.remedies[1].command == "floodwall report latest --pcap flood.pcap"


def test_silence_needs_a_past_an_open_door_and_a_flat_link() -> None:
    """Else it is a quiet host, a shut listener, or a fault that is not in front of it."""
    silent: dict[str, Any] = {"moved": {"TcpPassiveOpens": 0}, "links": (link(received_packets=6),)}

    assert find_silence(machine(**silent)) is not None
    assert find_silence(machine(**silent, totals={"TcpPassiveOpens": 900})) is None
    assert find_silence(machine(web(canary=REFUSED), **silent)) is None
    assert find_silence(machine(web(canary=None), **silent)) is None
    assert find_silence(machine(**silent | {"links": (link(),)})) is None
    assert find_silence(machine(**silent | {"links": None})) is None
