"""Programs and files that work against each other, and against us."""

from collections.abc import Iterator
from typing import Final

from floodwall.audit.check import Check, Interaction, Outcome, Severity, finding, passed
from floodwall.audit.checks.cookies import has_synproxy
from floodwall.audit.facts import Facts, Line, known

_TUNERS: Final = {
    "bpftune": "changes sysctls by itself, by what it sees",
    "tuned": "sets sysctls of its profile again whenever the profile is applied",
}
_MANAGERS: Final = {
    "firewalld": "loads its rules anew at each reload",
    "dockerd": "writes rules of its own, in front of others",
    "fail2ban-server": "bans by log lines, and knows nothing of forged sources",
    "lfd": "bans by counts of SYN_RECV, whoever is meant by it",
    "suricata": "may attach an XDP program",
    "cilium-agent": "attaches XDP and tc programs",
}
_WRONG: Final = {
    "net.ipv4.tcp_timestamps": ("0", "cookies lose window scale and SACK"),
    "net.ipv4.tcp_syncookies": ("0", "a full queue turns everybody away"),
    "net.ipv4.tcp_window_scaling": ("0", "windows of 64 KiB at most"),
    "net.ipv4.tcp_sack": ("0", "each loss costs a round trip"),
    "net.ipv4.tcp_abort_on_overflow": ("1", "busy moments reset clients"),
    "net.ipv4.tcp_synack_retries": ("0", "one lost packet is one lost client"),
    "net.ipv4.tcp_tw_recycle": ("1", "clients behind NAT are turned away"),
    "net.netfilter.nf_conntrack_tcp_loose": ("0", "who was let in by a cookie is invalid"),
}
"""What baselines set that contradicts this checklist, and what it costs."""

_BASELINES: Final = (
    ("dev-sec", "dev-sec"), ("hardening", "a hardening role"), ("lynis", "Lynis"), ("cis", "CIS"),
    ("tuned", "tuned"), ("ufw", "ufw"), ("puppet", "Puppet"), ("ansible", "Ansible"),
)  # fmt: skip


def _xdp(facts: Facts) -> Iterator[Outcome]:
    for card in known(facts.cards):
        if card.xdp:
            yield finding(f"{card.xdp} is attached: no other XDP program fits", card.name)
    if not any(card.xdp for card in known(facts.cards)):
        yield passed("no interface has an XDP program of somebody else")


def _running(facts: Facts, wanted: dict[str, str], none: str) -> Iterator[Outcome]:
    present = known(facts.processes)
    # /proc/N/comm has 15 letters at most, and some write there what they do: "lfd - sleeping".
    first = {name.partition(" ")[0] for name in present}
    found = [name for name in wanted if name[:15] in first]
    for name in found:
        yield finding(f"it {wanted[name]}", name)
    if not found:
        yield passed(none)


def _tuners(facts: Facts) -> Iterator[Outcome]:
    yield from _running(facts, _TUNERS, "no program that changes sysctls by itself runs")


def _managers(facts: Facts) -> Iterator[Outcome]:
    yield from _running(facts, _MANAGERS, "no other program that writes rules or bans runs")


def _baselines(facts: Facts) -> Iterator[Outcome]:
    proxy = has_synproxy(facts)
    found = False
    for line in known(facts.persisted).lines:
        value, cost = _WRONG.get(line.name, ("", ""))
        if line.value != value or not value:
            continue
        if line.name.endswith("tcp_loose") and proxy is not False:
            continue
        found = True
        yield finding(f"{line.name} = {line.value}: {cost}{_author(line)}", line.place)
    if not found:
        yield passed("no file sets what this checklist advises against")


def _author(line: Line) -> str:
    name = line.file.lower()
    author = next((who for sign, who in _BASELINES if sign in name), "")
    return f" (by {author})" if author else ""


CHECKS: Final = (
    Check(
        id="other-xdp",
        title="No other XDP program is in the way",
        severity=Severity.LOW,
        reads=("ip -d link",),
        expected="none, or ours",
        why="An interface takes one XDP program; Floodwall never replaces somebody else's and "
        "defends one rung lower.",
        source="dev_xdp_install(); docs/mechanisms.md",
        kernels="4.8 and later",
        fix="decide which of the two is wanted: ip link set dev IFACE xdp off",
        judge=_xdp,
    ),
    Check(
        id="tuners",
        title="Nothing changes sysctls behind your back",
        severity=Severity.MEDIUM,
        reads=("/proc/*/comm",),
        expected="no bpftune, no tuned",
        why="What is set here is set back there, and nobody knows which value holds in an attack.",
        source="bpftune(8), tuned(8)",
        kernels="all",
        fix="stop it, or keep it away from these sysctls, for instance by a profile of its own",
        judge=_tuners,
    ),
    Check(
        id="managers",
        title="What writes rules and bans is known",
        severity=Severity.INFO,
        reads=("/proc/*/comm",),
        expected="nothing beside the one that you chose",
        why="Rules that are loaded anew take others with them, and bans by log lines hit whose "
        "address was forged.",
        source="docs/mechanisms.md; RFC 4987 section 3.1",
        kernels="all",
        fix="accept it in a baseline with the reason why it is there",
        judge=_managers,
    ),
    Check(
        id="contradicting-baseline",
        title="No hardening baseline works against the defence",
        severity=Severity.MEDIUM,
        reads=("/etc/sysctl.d", "/etc/sysctl.conf", "nft -t list ruleset"),
        expected="no line that this checklist advises against",
        why="Several baselines switch timestamps off or demand values that break cookies; which "
        "file does it is told, so that it can be discussed with its owner.",
        source="RFC 7323 and RFC 4987 section 3.6; this list's own checks",
        kernels="all",
        fix="take the line out, at the source that writes the file",
        judge=_baselines,
        interactions=(Interaction("rules", "with synproxy, no loose tracking is right"),),
    ),
)
