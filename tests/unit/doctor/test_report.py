"""A diagnosis as text and as JSON."""

import json

from floodwall.core.diagnosis.diagnose import diagnose
from floodwall.core.diagnosis.symptoms import Symptoms
from floodwall.doctor.report import document, head_line, report_lines
from tests.support.symptoms import SILENT, flooded, machine, moved

SEEN = machine(
    flooded(canary=SILENT, cpu_s=0.0),
    cookies=0,
    moved=moved(TcpExtListenDrops=9000),
    unseen=("the kernel's log: needs root",),
)


def test_the_verdict_comes_first_then_evidence_then_what_to_type() -> None:
    """Each command with its price and its way back."""
    lines = list(report_lines(diagnose(SEEN), SEEN))

    assert lines[0].startswith("CRITICAL: *:80 nginx is SYN flooded, its queue is full")
    assert lines[2:9] == [
        "evidence, of 2.0 s:",
        (
            "  critical: *:80 nginx is SYN flooded, its queue is full and cookies are off: "
            "new clients cannot connect (95% sure)"
        ),
        (
            "    511 half-open connections of 511 that its queue takes, from 509 addresses; "
            "500 wait for longer than a second"
        ),
        "    4,505 SYN/s found no answer or no room (all listeners together)",
        "    our own connection to 127.0.0.1:80 did not get through: no answer within 1.8 s",
        "    nginx (pid 700) runs, and is idle",
        "",
    ]
    assert lines[9:15] == [
        "what to type, in this order:",
        "  1. sysctl -w net.ipv4.tcp_syncookies=1",
        (
            "     why:   the kernel then answers with cookies what its queue cannot take, and "
            "clients get in"
        ),
        (
            "     costs: while a queue overflows, clients without timestamps lose window scaling "
            "and SACK"
        ),
        "     undo:  sysctl -w net.ipv4.tcp_syncookies=0",
        "     safe:  `floodwall doctor --fix` runs it",
    ]
    assert lines[-2:] == ["cannot see:", "  the kernel's log: needs root"]


def test_the_first_word_tells_how_bad_it_is() -> None:
    """Fine, or nothing seen."""
    assert head_line(diagnose(machine())).startswith("OK: nothing found")
    assert head_line(diagnose(Symptoms(2.0))).startswith("BLIND: nothing could be seen")


def test_programs_get_the_same() -> None:
    """All of it survives JSON; what was done is there only if something was to be done."""
    told = json.loads(json.dumps(document(diagnose(SEEN), SEEN)))

    assert told["severity"] == "critical"
    assert told["findings"][0]["ailment"] == "spoofed_flood"
    assert told["findings"][0]["port"] == 80
    assert told["findings"][0]["evidence"][0]["value"] == 511
    assert [remedy["safe"] for remedy in told["remedies"]] == [True, False, False]
    assert told["findings"][0]["remedies"] == [one["command"] for one in told["remedies"]]
    assert "done" not in told
    assert document(diagnose(SEEN), SEEN, ("set it",))["done"] == ["set it"]
