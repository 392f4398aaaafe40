"""Changes sysctls so that each can be put back exactly, also after a death.

Law: the old value is remembered before the new one is written, and a value that somebody else
has changed since is theirs.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from floodwall.core.errors import FloodwallError
from floodwall.kernel import sysctl

SYNCOOKIES = "net.ipv4.tcp_syncookies"
ATTACK = "attack"
"""Layer of what is changed for one attack, upon what holds as long as the daemon lives."""

HARDENING = "hardening"
"""Layer of what an operator changed for good."""

TRIAL = "trial"
"""Layer of what is on trial, upon what was kept before."""

_UNTIL = {
    ATTACK: "the attack is over",
    HARDENING: "'floodwall harden --rollback' is said",
    TRIAL: "the trial ends, unless 'floodwall harden --keep' is said",
}


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

    @property
    def layer(self) -> str:
        """For how long it was changed."""


class Ledger(Protocol):
    """Where changes are remembered; it outlives this process."""

    def changes(self) -> Sequence[Change]:
        """Return every change, oldest first."""

    def remember(self, name: str, before: str, after: str, layer: str) -> None:
        """Remember a change that is about to be made."""

    def remove(self, name: str, layer: str) -> None:
        """Forget a change that was undone."""


def set_sysctl(name: str, value: str, ledger: Ledger, layer: str = "") -> str | None:
    """Set a sysctl; return the sentence for the journal, or None if it was right already."""
    before = sysctl.read(name)
    if _same(before, value):
        return None
    known = _layer(ledger, name, layer)
    ledger.remember(name, before, value, layer)
    try:
        sysctl.write(name, value)
    except FloodwallError:
        if known is None:
            ledger.remove(name, layer)
        else:
            ledger.remember(name, known.before, known.after, layer)
        raise
    after = sysctl.read(name)
    if not _same(after, value):
        # The kernel rounds some values; what it made of ours is what we look for on the way back.
        ledger.remember(name, before, after, layer)
    until = _UNTIL.get(layer, "Floodwall ends")
    return f"set {name} to {after} (it was {before}); put back when {until}"


def restore_sysctl(name: str, ledger: Ledger, layer: str = ATTACK) -> str | None:
    """Take back one layer of a sysctl; return the sentence, or None if it was never changed."""
    mine = _layer(ledger, name, layer)
    if mine is None:
        return None
    newest = next(each for each in reversed(ledger.changes()) if each.name == name)
    told = _put_back(mine) if newest.layer == layer else f"{name} stays: changed again since"
    ledger.remove(name, layer)
    return told


def restore_sysctls(ledger: Ledger, layer: str | None = None) -> Iterator[str]:
    """Put back all, or all of one layer, the last change first; yield a sentence for each."""
    stuck: set[str] = set()
    for change in reversed(ledger.changes()):
        if change.name in stuck or layer not in {None, change.layer}:
            continue
        try:
            told = restore_sysctl(change.name, ledger, change.layer)
        except FloodwallError as error:
            # What lies below it is right only once this one is undone.
            stuck.add(change.name)
            yield f"could not put {change.name} back to {change.before}: {error.message}"
            continue
        if told:
            yield told


def _layer(ledger: Ledger, name: str, layer: str) -> Change | None:
    found = (each for each in ledger.changes() if (each.name, each.layer) == (name, layer))
    return next(found, None)


def _put_back(change: Change) -> str:
    now = sysctl.read(change.name)
    if not _same(now, change.after):
        return f"left {change.name} at {now}: somebody else has set it since"
    sysctl.write(change.name, change.before)
    return f"put {change.name} back to {change.before}"


def _same(one: str, other: str) -> bool:
    """Compare as the kernel does: lists like tcp_rmem are written with tabs or spaces."""
    return one.split() == other.split()
