"""The facts are read once, and what cannot be read is said."""

import pytest

from floodwall.audit.archive import Archive, parse_archive
from floodwall.audit.facts import Listening, Release, Unread
from floodwall.audit.reader import count_list, read_facts

TEXT = """\
=== sysctl
\tkernel.osrelease = 5.10.0-30-amd64
\tnet.core.somaxconn = 4096
\tnet.ipv4.conf.eth0/5.rp_filter = 2
=== /proc/net/tcp
\t  sl  local_address rem_address   st tx_queue rx_queue
\t   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000
=== /proc/meminfo
\tMemTotal:        2048 kB
=== /sys/devices/system/cpu/online
\t0-3
=== /proc/7/comm
\tchronyd
=== /proc/cmdline
\troot=/dev/sda1 console=tty0 console=ttyS0,115200
=== /dev/ipmi0
=== /etc/floodwall/provider.txt

\tExample Net, +49 30 5550100
=== /var/lib/floodwall/rehearsal.json
\t{"at": "2026-05-01T10:00:00Z"}
=== $ iptables-save
\t*filter
=== namespace web
=== sysctl
\tnet.core.somaxconn = 128
"""


def test_everything_is_read() -> None:
    """From one source, in one go."""
    facts = read_facts(parse_archive(TEXT))
    assert facts.release == Release(5, 10)
    assert facts.here.number("net.core.somaxconn") == 4096
    assert facts.here.number("net.ipv4.conf.eth0/5.rp_filter") == 2
    assert facts.here.listeners == (Listening("0.0.0.0", 80),)
    assert facts.memory_bytes == 2 << 20
    assert facts.cpus == 4
    assert facts.rules == "*filter\n"
    assert facts.site.clock == "chronyd"
    assert facts.site.management == ("/dev/ipmi0", "serial console ttyS0")
    assert facts.site.contact == "Example Net, +49 30 5550100"
    assert facts.site.rehearsed == "2026-05-01T10:00:00Z"
    assert [scope.name for scope in facts.scopes()] == ["", "web"]
    assert facts.scopes()[1].number("net.core.somaxconn") == 128


def test_a_machine_that_shows_nothing_is_unread_everywhere() -> None:
    """No default stands in for a value."""
    facts = read_facts(Archive())
    unread = [
        facts.release, facts.here.listeners, facts.cards, facts.memory_bytes, facts.cpus,
        facts.processes, facts.rules, facts.site.clock, facts.site.management,
    ]  # fmt: skip
    assert [each for each in unread if not isinstance(each, Unread)] == []
    assert all(isinstance(value, Unread) for value in facts.here.sysctls.values())


def test_a_refusal_is_told_with_its_reason() -> None:
    """The operator must know what to do about it."""
    facts = read_facts(Archive(denied={"/proc/sys/net/core/somaxconn": "permission denied"}))
    assert facts.here.sysctls["net.core.somaxconn"] == Unread(
        "/proc/sys/net/core/somaxconn: permission denied"
    )


@pytest.mark.parametrize(("text", "count"), [("0\n", 1), ("0-3,8\n", 5), ("\n", 0)])
def test_lists_of_cpus_are_counted(text: str, count: int) -> None:
    """As the kernel writes them."""
    assert count_list(text) == count
