"""Every setting of Floodwall, declared once: command line, file, reference and checks derive."""

from collections.abc import Iterator
from enum import StrEnum

from pydantic import field_validator
from pydantic.networks import IPvAnyNetwork

from floodwall.core.address import Network, pack_prefix, unmapped
from floodwall.core.declare import Section, declare, ports
from floodwall.core.errors import ConfigError
from floodwall.core.settings_alerts import AlertPolicy
from floodwall.core.settings_gateway import GatewayPolicy
from floodwall.core.settings_record import RecordPolicy
from floodwall.core.settings_report import ReportPolicy
from floodwall.core.settings_response import BanTerms, Recipes, SourceLimits, Tuning
from floodwall.core.settings_sense import CanaryPolicy


class AttachMode(StrEnum):
    """How the data plane is attached to an interface."""

    AUTO = "auto"
    NATIVE = "native"
    GENERIC = "generic"


class ServiceMode(StrEnum):
    """How a service is treated, mildest first."""

    OBSERVE = "observe"
    PROTECT = "protect"
    STRICT = "strict"
    ARMED = "armed"


class OnDeath(StrEnum):
    """What the data plane does when the daemon has died."""

    HOLD = "hold"
    OPEN = "open"


class Attach(Section):
    """Where and how the data plane is attached."""

    interfaces: tuple[str, ...] = declare(
        (),
        "",
        "Interfaces to protect; none means the interface of the default route.",
        "an administrator's server has one way out",
        max_length=64,
    )
    mode: AttachMode = declare(
        AttachMode.AUTO,
        "",
        "native runs in the driver, generic behind it; auto takes the fastest that attaches.",
        "xdp-loader: native, then skb",
    )

    @field_validator("interfaces")
    @classmethod
    def _names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not 0 < len(name) < 16 or "/" in name or any(c.isspace() for c in name):
                raise ValueError(
                    f"{name!r} is not an interface name (1 to 15 bytes, no / or space)"
                )
        return names


class Services(Section):
    """Which listeners are protected, and how."""

    mode: ServiceMode = declare(
        ServiceMode.PROTECT,
        "",
        "protect challenges when a queue is in danger, strict also bans proven abusers, "
        "armed always challenges, observe never.",
        "tcp_syncookies = 1: cookies only when the queue overflows",
    )
    observe_ports: tuple[int, ...] = ports("Ports that are only counted, whatever mode says.")
    strict_ports: tuple[int, ...] = ports("Ports whose proven abusers are banned, too.")
    armed_ports: tuple[int, ...] = ports("Ports that are always challenged, whatever mode says.")
    exclude_ports: tuple[int, ...] = ports("Ports that the data plane leaves alone.")

    def mode_of(self, port: int) -> ServiceMode:
        """Tell how the listener on `port` is treated."""
        if port in self.observe_ports:
            return ServiceMode.OBSERVE
        if port in self.armed_ports:
            return ServiceMode.ARMED
        return ServiceMode.STRICT if port in self.strict_ports else self.mode


class Arming(Section):
    """When a service is challenged."""

    high_share: float = declare(
        0.5,
        "of the queue",
        "Unfinished handshakes above which a service arms, as a share of its queue.",
        "Linux 2.4 dropped young requests from half a queue on",
        ge=0.01,
        le=0.95,
    )
    low_share: float = declare(
        0.125,
        "of the queue",
        "Unfinished handshakes below which a service may be calm again.",
        "a quarter of high_share, so that one burst cannot flap",
        ge=0.001,
        le=0.5,
    )
    hold_s: float = declare(
        5.0,
        "seconds",
        "How long a service stays armed after the last sign of need.",
        "five daemon ticks; calm within 10 s of a flood's end",
        ge=1,
        le=3600,
    )


class Debt(Section):
    """How many handshakes a source may leave unfinished before it alone is challenged."""

    source_max: int = declare(
        16,
        "handshakes",
        "Owed by one address; 0 is no limit.",
        "a browser opens 6 to 8",
        ge=0,
        le=10**6,
    )
    port_max: int = declare(
        4,
        "handshakes",
        "Owed by one address and source port; 0 is no limit.",
        "a client sends a SYN again 3 times in 15 s",
        ge=0,
        le=10**6,
    )
    prefix_max: int = declare(
        256,
        "handshakes",
        "Owed by one IPv4 /24 or IPv6 /64; 0 is no limit.",
        "16 addresses at their own limit",
        ge=0,
        le=10**6,
    )
    halving_s: float = declare(
        60.0,
        "seconds",
        "A debt halves every so often.",
        "a half-open entry lives 63 s by default",
        ge=1,
        le=3600,
    )


class Cookies(Section):
    """Keys of the SYN cookies and what a SYN-ACK announces."""

    rotate_s: float = declare(
        60.0,
        "seconds",
        "A new cookie key every so often; the one before stays valid.",
        "the kernel's cookies count minutes",
        ge=10,
        le=64,
    )
    mss_ipv4: int = declare(
        0, "bytes", "MSS announced over IPv4; 0 takes it from the MTU.", "RFC 6691", ge=0, le=65495
    )
    mss_ipv6: int = declare(
        0, "bytes", "MSS announced over IPv6; 0 takes it from the MTU.", "RFC 6691", ge=0, le=65475
    )


class Budgets(Section):
    """Packets a second and CPU that are let through where no cookie can be asked for."""

    closed_port_rate: int = declare(
        1000,
        "SYN/s a CPU",
        "SYNs to ports without a listener, answered by a reset; 0 is no limit.",
        "icmp_ratelimit allows 1,000 replies a second",
        ge=0,
        le=10**7,
    )
    authenticated_rate: int = declare(
        100,
        "SYN/s a CPU",
        "SYNs with TCP-MD5 or TCP-AO to an armed service.",
        "a router has tens of BGP peers",
        ge=0,
        le=10**7,
    )
    known_rate: int = declare(
        1000,
        "SYN/s a CPU",
        "SYNs sent again for sockets that exist, while armed.",
        "a retransmission follows a SYN after 1 s",
        ge=0,
        le=10**7,
    )


class Protect(Section):
    """Who is never dropped nor banned."""

    never_ban: tuple[IPvAnyNetwork, ...] = declare(
        (),
        "",
        "Networks of yours, beside own addresses, gateways, resolvers and SSH peers.",
        "fail2ban: ignoreip",
        max_length=4096,
    )
    ssh_ports: tuple[int, ...] = declare(
        (),
        "",
        "Ports whose peers count as SSH peers, beside those that sshd listens on.",
        "empty: sshd is found by its name, or by port 22",
        max_length=64,
    )
    ssh_linger_s: float = declare(
        600.0,
        "seconds",
        "An SSH peer stays protected so long after its last connection closed.",
        "long enough to log in again",
        ge=0,
        le=86400,
    )

    @field_validator("never_ban")
    @classmethod
    def _representable(cls, networks: tuple[Network, ...]) -> tuple[Network, ...]:
        for network in networks:
            try:
                pack_prefix(network)
            except ConfigError as error:
                raise ValueError(f"{error.message}: {error.hint}") from error
        return tuple(unmapped(network) for network in networks)


class Bans(BanTerms):
    """What a ban may be, and how long one by rule lasts."""

    max_count: int = declare(
        65536, "bans", "Bans at a time.", "ipset: maxelem 65536", ge=1, le=131072
    )
    shortest_ipv4: int = declare(
        16, "bits", "Shortest IPv4 prefix that can be banned.", "a /16 is 65,536 hosts", ge=8, le=32
    )
    shortest_ipv6: int = declare(
        32,
        "bits",
        "Shortest IPv6 prefix that can be banned.",
        "a /32 is one provider",
        ge=16,
        le=128,
    )


class HalfOpenPolicy(Section):
    """What is done about handshakes that already fill a queue."""

    destroy: bool = declare(
        True,
        "",
        "While armed, destroy half-open entries of sources that never proved themselves.",
        "an entry lives 63 s: without this a full queue heals no faster",
    )
    after_retransmits: int = declare(
        1,
        "SYN-ACKs",
        "Only entries whose SYN-ACK was sent again at least so often.",
        "the first is sent again after 1 s, longer than any real round trip",
        ge=1,
        le=10,
    )


class Daemon(Section):
    """The daemon's own life."""

    on_death: OnDeath = declare(
        OnDeath.HOLD,
        "",
        "If the daemon dies: hold challenges for 10 min, open stops after 5 s.",
        "systemd restarts a unit within seconds; ten minutes bridge a broken start",
    )


class Settings(Section):
    """All settings of one daemon."""

    attach: Attach = Attach()
    services: Services = Services()
    gateway: GatewayPolicy = GatewayPolicy()
    arming: Arming = Arming()
    debt: Debt = Debt()
    cookies: Cookies = Cookies()
    budgets: Budgets = Budgets()
    protect: Protect = Protect()
    bans: Bans = Bans()
    half_open: HalfOpenPolicy = HalfOpenPolicy()
    limits: SourceLimits = SourceLimits()
    recipes: Recipes = Recipes()
    tuning: Tuning = Tuning()
    canary: CanaryPolicy = CanaryPolicy()
    record: RecordPolicy = RecordPolicy()
    alerts: AlertPolicy = AlertPolicy()
    report: ReportPolicy = ReportPolicy()
    daemon: Daemon = Daemon()


def sections() -> Iterator[tuple[str, type[Section]]]:
    """List the tables of the settings file in their order."""
    for name, info in Settings.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield name, kind
