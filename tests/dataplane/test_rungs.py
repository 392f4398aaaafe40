"""The mechanism ladder: the real daemon on each rung, by masking what is above it."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
from functools import partial
from typing import Any

import pytest

from floodwall.core.address import pack_prefix
from floodwall.kernel import blackholes, rtnetlink, sockdiag
from floodwall.kernel.failure import check
from floodwall.kernel.libbpf import libbpf
from floodwall.kernel.links import Link
from floodwall.kernel.programs import XDP_TYPE
from tests.support.household import NEIGHBOUR, NEIGHBOUR6, SERVER, Daemon, Household, eventually

pytestmark = [pytest.mark.root, pytest.mark.live]

NO_XDP = "native_xdp,generic_xdp"
NFTABLES, ROUTES, OBSERVE = NO_XDP, f"{NO_XDP},nftables", f"{NO_XDP},nftables,routes"
BANNING = pytest.mark.parametrize(
    ("mask", "rung"), [(NFTABLES, "nftables"), (ROUTES, "routes")], ids=["nftables", "routes"]
)


def nft(home: Household, command: str) -> str:
    """Use nft as somebody else on the server."""
    done = subprocess.run(
        ["nsenter", f"--net=/run/netns/{home.server}", "nft", *command.split()],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def rung(daemon: Daemon) -> str:
    """Return where the daemon says that it stands."""
    return str(daemon.plan["rung"])


def refused(home: Household) -> list[str]:
    """Return why better rungs were not taken, as `floodwall status` tells."""
    plan: dict[str, Any] = home.status()[1]["plan"]
    return [str(each) for each in plan["interfaces"][0]["refused"]]


def traces(home: Household) -> tuple[str, object, object]:
    """Return what bans of lower rungs have left on the server."""
    routes = home.inside(home.server, lambda: (blackholes.null_routes(), blackholes.rules()))
    return (nft(home, "list ruleset"), *routes)


def half_open(home: Household) -> int:
    """Return how many half-open connections the server has."""
    return len(home.inside(home.server, sockdiag.half_open))


NO_TRACES: tuple[str, object, object] = ("", [], frozenset())


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ("", "XDP"),
        ("native_xdp", "XDP"),
        ("bpffs", "XDP"),
        (NO_XDP, "nftables"),
        ("xdp", "nftables"),
        ("btf", "nftables"),
        ("libbpf", "nftables"),
        ("raw_tracepoint", "nftables"),
        ("capabilities", "nftables"),
        ("xdp,nftables", "routes"),
        ("xdp,nftables,routes", "observe"),
    ],
)
def test_each_feature_that_is_missing_leads_to_its_rung(
    home: Household, mask: str, expected: str
) -> None:
    """Every better rung has a reason of one line in `status`; the end leaves no trace."""
    daemon = home.daemon(mask=mask)
    names = ["XDP", "nftables", "routes", "observe"]
    better = names[: names.index(expected)]
    code, status = home.status()

    assert rung(daemon) == expected
    assert (code, status["plan"]["rung"]) == (0, expected)
    told = refused(home)
    assert [each.split(":")[0] for each in told][: len(better)] == better or expected == "XDP"
    assert all("\n" not in each for each in told)
    assert home.reachable()
    assert daemon.end() == 0
    assert home.is_untouched()
    assert traces(home) == NO_TRACES


@pytest.mark.parametrize(
    ("capabilities", "expected"), [("bpf", "nftables"), ("bpf,-net_admin", "observe")]
)
def test_privileges_that_are_missing_lead_to_a_lower_rung(
    home: Household, capabilities: str, expected: str
) -> None:
    """The reason names them."""
    process = home.start(
        home.server,
        *("setpriv", f"--bounding-set=-{capabilities},-sys_admin"),
        *(sys.executable, "-m", "floodwall", "run", "--json", "--interface", home.interface),
    )
    daemon = Daemon(process)
    told = "; ".join(refused(home))

    assert rung(daemon) == expected
    assert "missing " in told
    assert [f"CAP_{name.upper()}" in told for name in ("bpf", "net_admin")] == [
        True,
        expected == "observe",
    ]
    assert daemon.end() == 0
    assert traces(home) == NO_TRACES


@BANNING
def test_bans_hold_expire_and_are_lifted(home: Household, mask: str, rung: str) -> None:
    """Of hosts and networks, IPv4 and IPv6, as on the rung above."""
    home.listen("::", 8081)
    daemon = home.daemon(mask=mask)
    assert daemon.plan["rung"] == rung
    for network, server in ((NEIGHBOUR, SERVER), (f"{NEIGHBOUR6}/128", "fd99::1")):
        assert home.floodwall("ban", network, "--reason", "a test").returncode == 0
        assert not home.reachable(server, 8081, timeout_s=0.5)
        assert network.removesuffix("/128") in home.floodwall("bans").stdout
        assert home.floodwall("unban", network).returncode == 0
        # A neighbour whose discovery was dropped, too, is asked again after seconds.
        assert eventually(partial(home.reachable, server, 8081), 10)

    assert home.floodwall("ban", f"{NEIGHBOUR}/32", "--for", "2s").returncode == 0
    assert not home.reachable(timeout_s=0.5)
    assert eventually(home.reachable, 10)
    assert daemon.end() == 0
    assert traces(home) == NO_TRACES


@BANNING
def test_who_is_protected_cannot_be_banned(home: Household, mask: str, rung: str) -> None:
    """By the one gate before every backend; an allowance overrules a ban that holds."""
    daemon = home.daemon(mask=mask)
    for network, reason in ((SERVER, "own address"), ("10.99.0.2", "gateway")):
        answer = home.floodwall("ban", network)
        assert (answer.returncode, reason in answer.stderr) == (2, True)
    assert home.floodwall("ban", "10.99.0.0/25").returncode == 2

    assert home.floodwall("ban", NEIGHBOUR).returncode == 0
    assert not home.reachable(timeout_s=0.5)
    assert home.floodwall("allow", NEIGHBOUR).returncode == 0
    assert eventually(home.reachable, 5)
    assert home.floodwall("allow", "--remove", NEIGHBOUR).returncode == 0
    assert eventually(lambda: not home.reachable(timeout_s=0.3), 15)
    assert daemon.end() == 0
    assert daemon.plan["rung"] == rung


@BANNING
def test_a_blackholed_source_leaves_no_half_open_entry(
    home: Household, mask: str, rung: str
) -> None:
    """Neither a dropped SYN nor one whose SYN-ACK has no way makes one."""
    daemon = home.daemon(mask=mask)
    assert home.floodwall("ban", "198.18.0.0/16").returncode == 0
    home.flood(200)

    assert half_open(home) == 0
    hits = json.loads(home.floodwall("bans", "--json").stdout)["bans"][0]["hits"]
    assert hits == (200 if rung == "nftables" else 0)
    assert daemon.end() == 0


@pytest.mark.parametrize("mask", ["", NFTABLES, ROUTES], ids=["XDP", "nftables", "routes"])
def test_a_ban_takes_its_half_open_entries_along(home: Household, mask: str) -> None:
    """Otherwise each would keep its place in the queue for a minute."""
    daemon = home.daemon(mask=mask)
    home.flood(50)
    assert eventually(lambda: half_open(home) == 50, 5)
    assert home.floodwall("ban", "198.18.0.0/16").returncode == 0

    assert eventually(lambda: half_open(home) == 0, 5)
    assert daemon.wait_for_event("half-open entries of banned sources")
    assert daemon.end() == 0


@BANNING
def test_bans_survive_a_kill(home: Household, mask: str, rung: str) -> None:
    """With or without a daemon they are listed and can be lifted; a new daemon takes them over."""
    daemon = home.daemon(mask=mask)
    for network in (NEIGHBOUR, "198.51.100.7", "198.51.100.8"):
        assert home.floodwall("ban", network, "--for", "1h").returncode == 0
    daemon.end(signal.SIGKILL)
    assert not home.reachable(timeout_s=0.5)
    assert home.floodwall("unban", "198.51.100.8", mask=mask).returncode == 0
    assert home.floodwall("ban", "198.51.100.9", mask=mask).returncode == 0

    second = home.daemon(mask=mask)
    listed = home.floodwall("bans").stdout
    assert not home.reachable(timeout_s=0.5)
    expected = [True, True, False, True]
    names = (NEIGHBOUR, "198.51.100.7", "198.51.100.8", "198.51.100.9")
    assert [name in listed for name in names] == expected
    assert second.plan["rung"] == rung
    assert second.end() == 0
    assert home.reachable()


@BANNING
def test_off_removes_what_a_killed_daemon_left(home: Household, mask: str, rung: str) -> None:
    """Bans, table, rules, sysctls."""
    daemon = home.daemon(mask=mask)
    assert home.floodwall("ban", NEIGHBOUR, "--for", "1h").returncode == 0
    daemon.end(signal.SIGKILL)
    answer = home.floodwall("off")

    assert answer.returncode == 0
    assert f"removed the bans in {rung}" in answer.stdout
    assert traces(home) == NO_TRACES
    assert home.reachable()
    assert home.sysctl("net.ipv4.tcp_syncookies") == "0"


def test_where_nothing_can_be_pinned_the_daemon_answers_for_itself(home: Household) -> None:
    """As in a container that may not mount a bpffs; protection ends with the daemon."""
    daemon = home.daemon(mask="bpffs")
    assert daemon.plan["notes"] == ["nothing can be pinned: masked"]
    assert home.floodwall("ban", NEIGHBOUR).returncode == 0
    assert not home.reachable(timeout_s=0.5)
    assert home.status()[1]["bans"] == 1
    assert NEIGHBOUR in home.floodwall("bans").stdout
    assert home.floodwall("unban", NEIGHBOUR).returncode == 0
    assert home.reachable()

    home.floodwall("ban", NEIGHBOUR)
    daemon.end(signal.SIGKILL)
    assert home.reachable()
    assert home.floodwall("off").returncode == 0
    assert home.is_untouched()


def test_a_flushed_ruleset_is_healed_within_seconds(home: Household) -> None:
    """Our table and its bans come back, the never-ban set too; tables of others are theirs."""
    daemon = home.daemon(mask=NFTABLES)
    assert home.floodwall("ban", NEIGHBOUR, "--for", "1h").returncode == 0
    before = nft(home, "list chain inet floodwall bans")
    nft(home, "flush ruleset")
    nft(home, "add table ip theirs")
    assert home.reachable()

    assert eventually(lambda: not home.reachable(timeout_s=0.3), 6)
    assert nft(home, "list chain inet floodwall bans") == before
    assert SERVER in nft(home, "list set inet floodwall never4")
    assert daemon.wait_for_event("again")
    assert daemon.end() == 0
    assert nft(home, "list ruleset").split() == ["table", "ip", "theirs", "{", "}"]


def test_a_lost_route_is_healed_within_seconds(home: Household) -> None:
    """And the rule that leads to it."""
    daemon = home.daemon(mask=ROUTES)
    assert home.floodwall("ban", NEIGHBOUR, "--for", "1h").returncode == 0
    for command in ("rule del pref 10", f"route del blackhole {NEIGHBOUR} table 4987 proto 87"):
        subprocess.run(["ip", "-n", home.server, *command.split()], check=True)
    assert home.reachable()

    assert eventually(lambda: not home.reachable(timeout_s=0.3), 6)
    assert daemon.end() == 0
    assert traces(home) == NO_TRACES


def test_a_lost_ban_of_the_data_plane_is_healed_within_seconds(home: Household) -> None:
    """Somebody wrote into our pinned maps."""
    daemon = home.daemon()
    assert home.floodwall("ban", "10.99.0.3/32", "--for", "1h").returncode == 0
    assert home.floodwall("ban", "198.51.100.0/24", "--for", "1h").returncode == 0
    directory = home.state_directory()
    assert directory
    assert directory.pins
    key = (f"{byte:02x}" for byte in pack_prefix("198.51.100.0/24"))
    pinned = str(directory.pins / "ban_nets")
    delete = ["bpftool", "map", "delete", "pinned", pinned, "key", "hex", *key]
    subprocess.run(delete, check=True, capture_output=True)

    assert daemon.wait_for_event("put back the ban of 198.51.100.0/24")
    assert "198.51.100.0/24" in home.floodwall("bans").stdout
    assert daemon.end() == 0


def test_a_foreign_xdp_program_stays_and_we_go_one_rung_down(home: Household) -> None:
    """The reason names it."""
    program = home.inside(home.server, lambda: _attach_foreign(home.interface))
    with program:
        daemon = home.daemon()

        assert rung(daemon) == "nftables"
        assert "already has the XDP program somebodys" in refused(home)[0]
        assert daemon.end() == 0
        shown = subprocess.run(
            ["ip", "-n", home.server, "link", "show", home.interface],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "xdp" in shown.stdout
    assert traces(home) == NO_TRACES


def test_a_foreign_table_of_our_name_stays_and_we_go_one_rung_down(home: Household) -> None:
    """Nothing in it is touched, not even at the end."""
    nft(home, "add table inet floodwall")
    nft(home, "add chain inet floodwall somebodys")
    before = nft(home, "list ruleset")
    daemon = home.daemon(mask=NO_XDP)

    assert rung(daemon) == "routes"
    assert "was made by somebody else" in refused(home)[1]
    assert daemon.end() == 0
    assert nft(home, "list ruleset") == before


def test_the_settings_can_insist_on_xdp(home: Household) -> None:
    """Then a machine without it is not defended at all, which the operator wanted to know."""
    answer = home.floodwall(
        "run", "--interface", home.interface, "--mode", "native", mask="native_xdp"
    )

    assert answer.returncode == 3
    assert home.is_untouched()


def test_the_lowest_rung_refuses_bans_and_says_why(home: Household) -> None:
    """It does not pretend."""
    daemon = home.daemon(mask=OBSERVE)
    answer = home.floodwall("ban", NEIGHBOUR)

    assert answer.returncode == 2
    assert "nothing can be banned on this machine: XDP: " in answer.stderr
    assert home.reachable()
    assert daemon.end() == 0


@pytest.mark.parametrize("mask", [NFTABLES, ROUTES, OBSERVE], ids=["nftables", "routes", "observe"])
def test_every_rung_sees_a_flood(home: Household, mask: str) -> None:
    """Nothing counts SYNs there: the queue itself shows it."""
    daemon = home.daemon(mask=mask)
    home.sysctl("net.ipv4.tcp_syncookies", "1")
    home.flood(400)
    second = daemon.wait_for(
        lambda line: any(
            verdict["kind"] == "spoofed_flood" for verdict in line.get("verdicts", {}).values()
        )
    )

    assert second["kind"] == "second"
    assert home.reachable()
    assert daemon.end() == 0


def _attach_foreign(name: str) -> Link:
    """Attach a program of somebody else that passes everything."""
    # Register 0 becomes XDP_PASS; return.
    passing = struct.pack("=BBhi", 0xB7, 0, 0, 2) + struct.pack("=BBhi", 0x95, 0, 0, 0)
    fd = libbpf().calls.bpf_prog_load(XDP_TYPE, b"somebodys", b"GPL", passing, 2, None)
    try:
        return Link.xdp(check(fd, "load a program"), rtnetlink.link(name).index, native=False)
    finally:
        os.close(fd)
