"""Runtime value, persisted value and the file that wins at the next boot: three columns."""

from collections.abc import Iterator
from dataclasses import dataclass

from floodwall.audit.facts import Facts, Release, Unread

UNTOLD = ""
"""Nobody says it: no such sysctl, or no file."""

_DEFAULTS: tuple[tuple[str, tuple[int, int], str], ...] = (
    ("net.core.somaxconn", (5, 4), "4096"),
    ("net.core.somaxconn", (2, 6), "128"),
    ("net.ipv4.tcp_abort_on_overflow", (2, 6), "0"),
    ("net.ipv4.tcp_fin_timeout", (2, 6), "60"),
    ("net.ipv4.tcp_rfc1337", (2, 6), "0"),
    ("net.ipv4.tcp_sack", (2, 6), "1"),
    ("net.ipv4.tcp_syn_retries", (3, 7), "6"),
    ("net.ipv4.tcp_syn_retries", (2, 6), "5"),
    ("net.ipv4.tcp_synack_retries", (2, 6), "5"),
    ("net.ipv4.tcp_syncookies", (2, 6), "1"),
    ("net.ipv4.tcp_timestamps", (2, 6), "1"),
    ("net.ipv4.tcp_window_scaling", (2, 6), "1"),
    ("net.netfilter.nf_conntrack_tcp_loose", (2, 6), "1"),
)
"""What the kernel itself begins with, by the first release for which it holds; newest first.

tcp_syncookies became 1 in the course of 2.6.3x; distributions of that time set it in a file.
"""


@dataclass(frozen=True, slots=True)
class Columns:
    """What holds, what a file says, and which."""

    name: str
    runtime: str
    persisted: str
    place: str
    """File and line that win at boot."""
    default: str
    """What the kernel begins with where no file says anything; empty where it depends."""

    @property
    def after_boot(self) -> str:
        """Return what will hold after the next boot, as far as it can be told."""
        return self.persisted or self.default

    @property
    def differs(self) -> bool:
        """Tell whether a reboot changes the value."""
        after = self.after_boot
        return bool(self.runtime and after) and self.runtime.split() != after.split()


def columns(facts: Facts) -> Iterator[Columns]:
    """Yield the three columns of every sysctl that could be read."""
    winners = {} if isinstance(facts.persisted, Unread) else facts.persisted.winners
    for name in sorted(facts.here.sysctls):
        value = facts.here.sysctls[name]
        if isinstance(value, Unread):
            continue
        line = winners.get(name)
        yield Columns(
            name=name,
            runtime=" ".join(value.split()),
            persisted=line.value if line else UNTOLD,
            place=line.place if line else UNTOLD,
            default=default_of(name, facts.release),
        )


def default_of(name: str, release: Release | Unread) -> str:
    """Return what a kernel begins with, empty where that depends on the machine."""
    if isinstance(release, Unread):
        return UNTOLD
    for known_name, since, value in _DEFAULTS:
        if known_name == name and release.since(*since):
            return value
    return UNTOLD
