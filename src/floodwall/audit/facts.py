"""What an audit knows of a machine: values only, each of which may be unread, with the reason.

Law: nothing here reads the machine; what could not be read is never taken for a value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
_LARGEST = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read, and why."""

    why: str


class UnreadError(Exception):
    """A check needs what could not be read."""


class AbsentError(Exception):
    """A check is about something that this machine does not have."""


def known(value: T | Unread) -> T:
    """Return what was read, or tell why it was not."""
    if isinstance(value, Unread):
        raise UnreadError(value.why)
    return value


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """The release of a kernel, to be compared with `(major, minor)`; text as uname tells it."""

    major: int
    minor: int
    text: str = field(default="", compare=False)

    def since(self, major: int, minor: int) -> bool:
        """Tell whether it is this release or a later one."""
        return (self.major, self.minor) >= (major, minor)


@dataclass(frozen=True, slots=True)
class Listening:
    """A listening TCP socket; `backlog` is min(listen(), somaxconn), None where nobody tells."""

    address: str
    port: int
    backlog: int | None = None
    process: str = ""
    pid: int | None = None
    waiting: int = 0

    @property
    def name(self) -> str:
        """Return how an operator calls it."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port} {self.process}".rstrip()

    @property
    def is_public(self) -> bool:
        """Tell whether it can be reached from another machine."""
        return not (self.address.startswith("127.") or self.address in {"::1", "::ffff:127.0.0.1"})

    @property
    def is_wildcard(self) -> bool:
        """Tell whether it takes connections to every address."""
        return self.address in {"*", "0.0.0.0", "::"}


@dataclass(frozen=True, slots=True)
class Scope:
    """A network namespace; the one with an empty name is where the audit was called."""

    name: str = ""
    sysctls: Mapping[str, str | Unread] = field(default_factory=dict)
    """By name with dots; one that the kernel does not have is not in it."""
    listeners: tuple[Listening, ...] | Unread = ()

    def text(self, name: str) -> str:
        """Return a sysctl that a check needs."""
        if name not in self.sysctls:
            raise AbsentError(f"this kernel has no {name} here")
        return known(self.sysctls[name])

    def number(self, name: str) -> int:
        """Return a sysctl that is one number."""
        text = self.text(name)
        try:
            value = int(text.split()[0])
        except (IndexError, ValueError):
            raise UnreadError(f"{name} is {text[:40]!r}, no number") from None
        if abs(value) > _LARGEST:
            raise UnreadError(f"{name} is larger than any sysctl can be")
        return value

    def matching(self, first: str, last: str) -> Iterator[tuple[str, int]]:
        """Yield sysctls of interfaces, such as net.ipv4.conf.*.rp_filter, by interface."""
        for name in sorted(self.sysctls):
            if name.startswith(first) and name.endswith(last):
                yield name[len(first) : -len(last)], self.number(name)


@dataclass(frozen=True, slots=True)
class Line:
    """What a file says about a sysctl, and where."""

    name: str
    value: str
    file: str
    number: int
    tolerant: bool = False
    """A leading dash: an error while it is set is no error."""

    @property
    def place(self) -> str:
        """Return file and line."""
        return f"{self.file}:{self.number}"


@dataclass(frozen=True, slots=True)
class Persisted:
    """What the files say that are read at boot, in the order of systemd-sysctl(8) or procps."""

    winners: Mapping[str, Line] = field(default_factory=dict)
    """The line that holds after boot, by sysctl."""
    overruled: tuple[Line, ...] = ()
    """Lines that another one overrules with another value."""
    idle: tuple[Line, ...] = ()
    """Lines in files that nothing reads at boot."""
    lines: tuple[Line, ...] = ()
    """Every line that is read, in order."""
    broken: tuple[str, ...] = ()
    """Places of lines that are no setting."""


@dataclass(frozen=True, slots=True)
class Card:
    """A network interface, as far as floods depend on it."""

    name: str
    driver: str = ""
    """Empty for a virtual interface."""
    up: bool = True
    mtu: int = 1500
    receive_queues: int = 1
    rps_cpus: int = 0
    """CPUs that may take packets from the queues in software; 0 is off."""
    irq_cpus: int | None = None
    """CPUs that the interrupts of its queues go to; None where /proc/interrupts names none."""
    lro: bool | None = None
    xdp: str = ""
    """Number or name of a foreign XDP program."""


@dataclass(frozen=True, slots=True)
class Site:
    """What stands around the machine."""

    clock: str | Unread = ""
    """What keeps the time; empty if nothing was seen."""
    management: tuple[str, ...] | Unread = ()
    """Ways in that a flood of the service does not close."""
    contact: str | Unread = ""
    """First line of the file with the contact of the provider; empty if there is none."""
    rehearsed: str | Unread = ""
    """When a flood was rehearsed last, ISO 8601; empty if never."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the checks may look at."""

    release: Release | Unread
    here: Scope
    others: tuple[Scope, ...] | Unread = ()
    persisted: Persisted | Unread = field(default_factory=Persisted)
    cards: tuple[Card, ...] | Unread = ()
    memory_bytes: int | Unread = 0
    cpus: int | Unread = 1
    processes: frozenset[str] | Unread = frozenset()
    rules: str | Unread = ""
    """The firewall's rules as nft and iptables-save print them."""
    site: Site = field(default_factory=Site)

    def scopes(self) -> tuple[Scope, ...]:
        """Return this namespace and those others that could be read."""
        return (self.here, *(() if isinstance(self.others, Unread) else self.others))
