"""Sysctls by name, and counters as nstat names them."""

import pytest

from floodwall.core.errors import ConfigError, NotSupported
from floodwall.kernel import sysctl

NETSTAT = """\
TcpExt: SyncookiesSent ListenOverflows
TcpExt: 12 3
IpExt: InOctets
IpExt: -1
"""


def test_a_sysctl_is_read() -> None:
    """The value comes without its line end."""
    assert sysctl.read("net.ipv4.tcp_max_syn_backlog").isdigit()


def test_slashes_reach_names_with_dots() -> None:
    """As with sysctl(8), for interfaces such as eth0.100."""
    assert sysctl.read("net/ipv4/conf/lo/rp_filter") == sysctl.read("net.ipv4.conf.lo.rp_filter")


@pytest.mark.parametrize("name", ["kernel.panic", "net/../kernel/panic", "net..ipv4", ""])
def test_other_sysctls_are_refused(name: str) -> None:
    """Floodwall has no business outside net."""
    with pytest.raises(ConfigError, match="not a sysctl of the network"):
        sysctl.read(name)


def test_an_unknown_sysctl_is_a_missing_feature() -> None:
    """Older kernels do not have all of them."""
    with pytest.raises(NotSupported, match=r"no sysctl net.ipv4.tcp_no_such"):
        sysctl.read("net.ipv4.tcp_no_such")


def test_counters_are_named_by_group() -> None:
    """Groups and names together are unique."""
    assert sysctl.parse_counters(NETSTAT) == {
        "TcpExtSyncookiesSent": 12,
        "TcpExtListenOverflows": 3,
        "IpExtInOctets": -1,
    }


def test_the_counters_that_floods_move_are_there() -> None:
    """Those that sense relies on."""
    wanted = {"TcpExtListenOverflows", "TcpExtSyncookiesSent", "TcpExtTCPReqQFullDrop", "TcpInSegs"}

    assert wanted <= sysctl.counters().keys()
