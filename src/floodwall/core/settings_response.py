"""Settings of the response: who is an abuser, how long a ban lasts, what an attack may change."""

from enum import StrEnum

from pydantic import field_validator

from floodwall.core.declare import Section, declare

FEWEST_CONNECTIONS = 8
"""Blind forgery of cookies yields one connection in 11 s (docs/modes.md), and a silent one lives
about a minute: fewer than so many could be somebody else's work in the name of a real client."""


class RateAct(StrEnum):
    """What is done to a source above a hard SYN rate, mildest first."""

    CHALLENGE = "challenge"
    DROP = "drop"
    BAN = "ban"


class SourceLimits(Section):
    """What one proven address may do to one service in mode strict; above it, it is an abuser."""

    concurrent: int = declare(
        4096,
        "connections",
        "Open at a time by one address with one service in mode strict; 0 is no limit.",
        "a carrier's NAT: 2,000 a minute, kept for nginx's 75 s, are 2,500",
        ge=0,
        le=10**6,
    )
    idle: int = declare(
        64,
        "connections",
        "Silent at a time, of one address with one strict service; 0 is no limit.  They count "
        "only above idle_share.",
        "nginx behind 1,024 worker_connections: 16 such sources",
        ge=0,
        le=10**6,
    )
    idle_s: float = declare(
        10.0,
        "seconds",
        "A connection is silent that has sent nothing at all for so long since it was opened.",
        "Apache mod_reqtimeout: header=20; a request follows its handshake at once",
        ge=1,
        le=3600,
    )
    idle_share: float = declare(
        0.5,
        "of its connections",
        "Silent connections are abuse only above this share: browsers open a spare one or two.",
        "a NAT of browsers stays below a tenth",
        ge=0,
        le=1,
    )
    new_rate: int = declare(
        200,
        "connections/s",
        "Opened a second by one address with one strict service; 0 is no limit.  Proxies and load "
        "balancers belong into protect.never_ban.",
        "a carrier's NAT opens 33, a health checker 50",
        ge=0,
        le=10**6,
    )
    for_s: float = declare(
        3.0,
        "seconds",
        "Only a source that is above a limit for so long in a row is an abuser.",
        "one page with a hundred pictures is over in one",
        ge=1,
        le=3600,
    )

    @field_validator("concurrent", "idle")
    @classmethod
    def _unforgeable(cls, number: int) -> int:
        if 0 < number < FEWEST_CONNECTIONS:
            raise ValueError(
                f"a limit below {FEWEST_CONNECTIONS} could be exceeded in somebody else's name"
            )
        return number


class Recipes(Section):
    """Classic recipes, all off: they act on SYNs, and the source of a SYN can be forged."""

    address_rate: int = declare(
        0,
        "SYN/s",
        "Hard rate of one address; 0 is off.  rate_act says what is done above it.",
        "hashlimit --hashlimit-mode srcip",
        ge=0,
        le=10**6,
    )
    port_rate: int = declare(
        0,
        "SYN/s",
        "Hard rate of one address and source port; 0 is off, 10 is the classic.",
        "hashlimit --hashlimit-mode srcip,srcport --hashlimit-above 10/s",
        ge=0,
        le=10**6,
    )
    rate_act: RateAct = declare(
        RateAct.CHALLENGE,
        "",
        "challenge costs a real client nothing; drop and ban hit whom the SYNs name.",
        "a challenge needs no proof",
    )
    half_open: int = declare(
        0,
        "entries",
        "Ban an address with more SYN_RECV entries than that at one service; 0 is off.",
        "netstat -an | grep SYN_RECV | sort | uniq -c",
        ge=0,
        le=10**6,
    )
    subnet: int = declare(
        0,
        "entries",
        "Ban a whole subnet with more SYN_RECV entries than that at one service; 0 is off.  "
        "Refused unless i_know_sources_can_be_forged: its other hosts have done nothing.",
        "scripts that ban the /24 of what netstat shows",
        ge=0,
        le=10**6,
    )
    subnet_ipv4: int = declare(
        24, "bits", "Prefix that counts as an IPv4 subnet.", "a class C network", ge=8, le=31
    )
    subnet_ipv6: int = declare(
        64, "bits", "Prefix that counts as an IPv6 subnet.", "RFC 4291: one link", ge=16, le=127
    )
    i_know_sources_can_be_forged: bool = declare(
        False,
        "",
        "Let the recipes ban sources that never proved themselves.  Whoever forges the address "
        "of your best client then has it banned.",
        "the most common mistake of scripts against SYN floods",
    )

    @property
    def drops(self) -> bool:
        """Tell whether the data plane drops above the hard rates: for who waived proof."""
        return self.rate_act is RateAct.DROP and self.i_know_sources_can_be_forged


class Tuning(Section):
    """Sysctls that are changed while a SYN flood goes on, and put back after it."""

    enabled: bool = declare(
        True,
        "",
        "Change sysctls during a flood.  0 below leaves that one alone.",
        "what administrators did by hand, and forgot to take back",
    )
    synack_retries: int = declare(
        2,
        "retries",
        "Lower net.ipv4.tcp_synack_retries to this: a half-open entry lives 7 s instead of 63.",
        "1 gives up on clients that lose two packets in a row",
        ge=0,
        le=5,
    )
    syn_backlog: int = declare(
        4096,
        "entries",
        "Raise net.ipv4.tcp_max_syn_backlog to this; it counts only while tcp_syncookies is 0.",
        "the kernel's own default with 512 MiB of memory and more",
        ge=0,
        le=10**6,
    )
    somaxconn: int = declare(
        4096,
        "connections",
        "Raise net.core.somaxconn to this; it counts for listeners that are opened after it.",
        "the kernel's own default since 5.4",
        ge=0,
        le=65535,
    )
    hold_s: float = declare(
        60.0,
        "seconds",
        "Put the sysctls back so long after the last sign of the flood.",
        "no more than one change a minute",
        ge=60,
        le=3600,
    )


class BanTerms(Section):
    """How long a ban by rule lasts, and how many there may be."""

    first_s: float = declare(
        600.0, "seconds", "First ban of a source.", "fail2ban: bantime 10m", ge=60, le=604800
    )
    growth: float = declare(
        2.0,
        "times",
        "Each further ban of the same source is so much longer than the one before.",
        "fail2ban: bantime.increment",
        ge=1,
        le=100,
    )
    longest_s: float = declare(
        14400.0, "seconds", "No ban by rule is longer.", "CrowdSec: 4h", ge=60, le=604800
    )
    forget_s: float = declare(
        86400.0,
        "seconds",
        "A source begins anew so long after the end of its last ban.",
        "fail2ban: dbpurgeage 1d",
        ge=60,
        le=2592000,
    )
    close: bool = declare(
        True,
        "",
        "Close the connections that a banned source holds: none of its packets gets to them.",
        "a server gives a silent client a minute of a worker",
    )
    per_minute: int = declare(
        600, "bans", "Bans by rule within a minute.", "ten a second", ge=1, le=10**5
    )
    max_networks: int = declare(
        1024,
        "bans",
        "Bans by rule of more than one address at a time.",
        "a sixteenth of what the data plane takes",
        ge=0,
        le=16384,
    )
    space_share: float = declare(
        0.001,
        "of IPv4",
        "Share of the IPv4 address space, and of 2000::/3, that bans by rule may cover.",
        "4.3 million IPv4 addresses, or 65 networks of a /16",
        ge=0,
        le=0.1,
    )
