"""Changes sysctls so that each can be put back exactly, also after a death.

Law: the old value is remembered before the new one is written, and a value that somebody else
has changed since is theirs.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

from floodwall.core.errors import FloodwallError
from floodwall.kernel import sysctl

SYNCOOKIES = "net.ipv4.tcp_syncookies"


class Change(Protocol):
    """A sysctl, what it was and what it was made."""

    @property
    def name(self) -> str:
        """The name with dots."""

    @property
    def before(self) -> str:
        """The value to go back to."""

    @property
    def after(self) -> str:
        """The value that we wrote."""


def set_sysctl(name: str, value: str, remember: Callable[[str, str, str], None]) -> str | None:
    """Set a sysctl; return the sentence for the journal, or None if it was right already."""
    before = sysctl.read(name)
    if before == value:
        return None
    remember(name, before, value)
    sysctl.write(name, value)
    return f"set {name} to {value} (it was {before}); put back when Floodwall ends"


def restore_sysctls(changes: tuple[Change, ...], forget: Callable[[str], None]) -> Iterator[str]:
    """Put back each of `changes`; yield a sentence for each."""
    for change in changes:
        try:
            now = sysctl.read(change.name)
            if now == change.after:
                sysctl.write(change.name, change.before)
                yield f"put {change.name} back to {change.before}"
            else:
                yield f"left {change.name} at {now}: somebody else has set it since"
        except FloodwallError as error:
            yield f"could not put {change.name} back to {change.before}: {error.message}"
            continue
        forget(change.name)
